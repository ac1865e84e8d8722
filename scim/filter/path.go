package filter

import (
	"fmt"

	parser "github.com/scim2/filter-parser/v2"

	"roster/scim"
	"roster/scim/schema"
)

// BindPath resolves the path of a PATCH operation. Errors are 400 invalidPath,
// and invalidFilter for what is inside brackets; IsUnknown tells whether the
// reason is a name that no attribute has.
func BindPath(rt *schema.ResourceType, path parser.Path, p scim.Profile) (Path, error) {
	a, err := FindAttribute(rt, path.AttributePath, p, scim.InvalidPath)
	if err != nil {
		return Path{}, err
	}
	bound := Path{Attribute: a}
	if path.ValueExpression != nil {
		if !a.IsComplex() && !a.MultiValued {
			return Path{}, scim.BadRequest(scim.InvalidPath, "%s has one simple value, so that brackets cannot follow it", a.Path())
		}
		b := binder{rt: rt, profile: p}
		if bound.Where, err = b.where(a, path.ValueExpression); err != nil {
			return Path{}, err
		}
	}
	if path.SubAttribute != nil {
		if bound.Sub = a.SubAttribute(*path.SubAttribute); bound.Sub == nil {
			cause := fmt.Errorf("%w: %s has no sub-attribute %q", schema.ErrUnknownAttribute, a.Path(), scim.Abbreviate(*path.SubAttribute))
			return Path{}, &unknownAttribute{scim.InvalidPath, cause}
		}
	}
	return bound, nil
}

// EqualTerms returns the terms of a filter that is a conjunction of eq
// comparisons, or one of them: then an element that satisfies it can be made
// from their attributes and literals (RFC 7644 section 3.5.2.3 leaves open what
// a client means whose filter matches nothing).
func EqualTerms(n Node) ([]*Compare, bool) {
	if c, ok := n.(*Compare); ok {
		return []*Compare{c}, c.Op == Equal
	}
	all, _ := n.(And)
	terms := make([]*Compare, 0, len(all))
	for _, n := range all {
		c, ok := n.(*Compare)
		if !ok || c.Op != Equal {
			return nil, false
		}
		terms = append(terms, c)
	}
	return terms, len(terms) > 0
}
