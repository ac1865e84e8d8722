package patch

import (
	"errors"
	"net/http"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
)

// readPath binds the path of an operation.
func (r *reader) readPath(text string, op Op) error {
	path, err := filter.ParsePath(text, r.limits)
	if err != nil {
		return err
	}
	op.Path, err = filter.BindPath(r.rt, path, r.profile)
	switch {
	case filter.IsUnknown(err) && r.profile.IgnoreUnknownPath:
		return nil
	case err != nil:
		return err
	}
	return r.take(op)
}

// readAttributes makes one operation of each member of a value without a path.
func (r *reader) readAttributes(op Op) error {
	switch {
	case !r.profile.PatchWithoutPath:
		return scim.BadRequest(scim.InvalidSyntax, "the operation needs a path")
	case op.Value.Kind() != scim.Object:
		return scim.BadRequest(scim.InvalidValue, "without a path, the value must be an object of attributes, not %s", op.Value.Kind())
	}
	for name, value := range op.Value.Members() {
		path, err := r.bindName(name)
		switch {
		case errors.Is(err, schema.ErrUnknownAttribute) && r.profile.IgnoreUnknown:
			continue
		case errors.Is(err, schema.ErrUnknownAttribute):
			return scim.BadRequest(scim.InvalidSyntax, "unknown attribute %q; leave it out or define it in a schema", scim.Abbreviate(name))
		case err != nil:
			return err
		case isMeta(path.Attribute):
			continue
		}
		if err := r.take(Op{Kind: op.Kind, Path: path, Value: value, number: op.number}); err != nil {
			return err
		}
	}
	return nil
}

// bindName binds the name of a member of a value without a path: of an attribute
// or extension, and as clients write them, "name.givenName" and with a URN.
func (r *reader) bindName(name string) (filter.Path, error) {
	if a := r.rt.Root.SubAttribute(name); a != nil {
		return filter.Path{Attribute: a}, nil
	}
	path, err := filter.ParsePath(name, r.limits)
	if err != nil {
		return filter.Path{}, schema.ErrUnknownAttribute
	}
	return filter.BindPath(r.rt, path, r.profile)
}

// isMeta reports whether a is the common attribute `meta` or below it, which is
// ignored when a client sends it (RFC 7643 section 3.1).
func isMeta(a *schema.Attribute) bool {
	return isCommon(a, "meta") || a.Parent != nil && isCommon(a.Parent, "meta")
}

// take takes an operation up, in its one form.
func (r *reader) take(op Op) error {
	if len(r.ops) == r.limits.PatchOps {
		return r.tooManyOperations()
	}
	a := op.Path.Attribute
	if op.Path.Where == nil && a.Parent.MultiValued {
		op.Path.Attribute, op.Path.Sub = a.Parent, a
	}
	r.ops = append(r.ops, op)
	return nil
}

func (r *reader) tooManyOperations() error {
	return scim.Errorf(http.StatusRequestEntityTooLarge, "",
		"the request has more than %d operations, each attribute of a value without a path counted; send them in several requests", r.limits.PatchOps)
}
