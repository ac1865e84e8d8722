package filter

import (
	"errors"
	"fmt"
	"strings"

	parser "github.com/scim2/filter-parser/v2"

	"roster/scim"
	"roster/scim/schema"
)

// unknownAttribute is the refusal of a name that no attribute has. Both
// *scim.Error and schema.ErrUnknownAttribute are found in it.
type unknownAttribute struct {
	kind  scim.ScimType
	cause error
}

func (e *unknownAttribute) Error() string   { return e.refusal().Error() }
func (e *unknownAttribute) Unwrap() []error { return []error{e.refusal(), e.cause} }

func (e *unknownAttribute) refusal() *scim.Error {
	return scim.BadRequest(e.kind, "%v", e.cause)
}

// FindAttribute resolves a name that ParseAttributePath or one of the others
// read. Its error is 400 with that keyword; errors.Is also finds
// schema.ErrUnknownAttribute.
func FindAttribute(rt *schema.ResourceType, path parser.AttributePath, p scim.Profile, kind scim.ScimType) (*schema.Attribute, error) {
	a, err := rt.Find(p, path.URI(), path.AttributeName, path.SubAttributeName())
	if err != nil {
		return nil, &unknownAttribute{kind, err}
	}
	return a, nil
}

// findInside resolves a name inside the brackets behind the attribute in.
func findInside(in *schema.Attribute, path parser.AttributePath) (*schema.Attribute, error) {
	a := in
	switch {
	case path.URIPrefix != nil:
		a = nil
	case !in.IsComplex() && path.SubAttribute == nil && strings.EqualFold(path.AttributeName, "value"):
		return in, nil
	default:
		a = in.SubAttribute(path.AttributeName)
		if a != nil && path.SubAttribute != nil {
			a = a.SubAttribute(*path.SubAttribute)
		}
	}
	if a == nil {
		return nil, fmt.Errorf("%w %q inside %s[…]", schema.ErrUnknownAttribute, scim.Abbreviate(path.String()), in.Path())
	}
	return a, nil
}

// IsUnknown reports whether an error of Bind or BindPath is about a name that no
// attribute has.
func IsUnknown(err error) bool { return errors.Is(err, schema.ErrUnknownAttribute) }
