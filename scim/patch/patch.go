// Package patch applies PATCH requests (RFC 7644 section 3.5.2) as a pure
// function: resource x operations x profile gives a resource, or an error and
// nothing. It does no I/O and knows no resource type: everything follows from
// the schema.
//
// Where the RFC leaves something open, this is what happens:
//
//   - null, "" and [] unassign an attribute. Adding them to a multi-valued
//     attribute adds nothing, and {} changes nothing.
//   - An element that is added is already there if one has the same `value` and,
//     where it names a `type`, the same `type`: other sub-attributes that it
//     brings are set in that one, so no pair of `value` and `type` is there
//     twice (RFC 7643 section 2.4). Edges, such as a group's members, are the
//     same if their `value` is, and stay as they are. An element without `value`
//     is the same if all of it is. Where a definition names another sub-attribute
//     as the identity of elements, that is in the place of both, and an operation
//     that brings one twice is refused.
//   - replace with a value path puts the value in the place of each match; what
//     the filter's eq terms say and the value does not, stays. Matches that
//     become equal by it become one.
//   - "emails.value" without a filter means that sub-attribute of all elements.
//   - remove with a list of values removes those only, and an empty list removes
//     nothing: with some clients the alternative would empty a group.
//   - A reference ({value, $ref, …}) without its `value` is none; what described
//     the former target goes when `value` changes.
//   - An attribute that is readOnly may be sent with its present value. `meta`
//     in a value without a path is ignored (RFC 7643 section 3.1).
//   - `schemas` follows from the attributes. Adding to it and replacing it is
//     checked and changes nothing; removing the URN of an extension removes the
//     extension; the URN of the resource type's own schema cannot be removed.
//   - Removing an extension leaves its readOnly attributes, which are the
//     server's.
package patch

import (
	"errors"
	"fmt"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
)

// Kind is what an operation does.
type Kind uint8

// The operations of RFC 7644 section 3.5.2.
const (
	Add Kind = iota
	Replace
	Remove
)

// Op is an operation that is bound to a resource type. Make it with Parse.
type Op struct {
	Kind Kind
	// Path is the target. "emails.value" is held as the attribute emails with
	// the sub-attribute value and no filter.
	Path filter.Path
	// Value is as it was sent; null if remove has none.
	Value scim.Value

	number int // position in the request, from 1
}

// Apply applies the operations in their order to r, which it does not change.
// The outcome has its required attributes, at most one primary element for each
// attribute, and the true `schemas`. Changed is false if it equals r: then
// nothing is to be written and no new version made. With an error, which is a
// *scim.Error for everything that a client can cause, there is no outcome.
//
// What r lacks counts as unassigned. So r holds the readOnly attributes that
// clients may repeat (`id`), the elements that Concerns names of attributes that
// are stored elsewhere, and for an attribute that only has a hash somewhere, a
// stand-in that the caller recognises: the outcome tells whether it was kept,
// removed or overwritten.
func Apply(rt *schema.ResourceType, r scim.Resource, ops []Op, p scim.Profile) (out scim.Resource, changed bool, err error) {
	e := editor{rt: rt, profile: p}
	out = r
	for _, op := range ops {
		if out, err = e.apply(out, op); err != nil {
			return scim.Resource{}, false, op.located(err)
		}
	}
	out = rt.WithSchemas(out)
	if err := rt.Check(out); err != nil {
		return scim.Resource{}, false, err
	}
	if err := rt.CheckImmutable(r, out); err != nil {
		return scim.Resource{}, false, err
	}
	return out, !out.Equal(r), nil
}

// located says which operation was refused.
func (op Op) located(err error) error {
	var refusal *scim.Error
	if !errors.As(err, &refusal) {
		return fmt.Errorf("operation %d: %w", op.number, err)
	}
	return scim.Errorf(refusal.Status, refusal.Type, "operation %d: %s", op.number, refusal.Detail)
}

// editor applies the operations of one request.
type editor struct {
	rt      *schema.ResourceType
	profile scim.Profile
	spent   int // see spend
}

func (e *editor) apply(r scim.Resource, op Op) (scim.Resource, error) {
	if isSchemas(op.Path.Attribute) {
		return e.editSchemas(r, op)
	}
	return update(op.Path.Attribute, r, func(present scim.Value) (scim.Value, error) {
		return e.edit(present, op)
	})
}

// edit returns the new value of the attribute that the path names.
func (e *editor) edit(present scim.Value, op Op) (scim.Value, error) {
	a := op.Path.Attribute
	switch {
	case op.Path.Where != nil || op.Path.Sub != nil:
		return e.editElements(present, op)
	case op.Kind != Remove:
		return e.assign(op.Kind, a, present, op.Value)
	case a.MultiValued && !op.Value.IsNull():
		return e.removeValues(a, present, op.Value)
	}
	return remove(a, present)
}

// update changes the value of a in the resource r, and with it the values
// around: what becomes empty becomes unassigned.
func update(a *schema.Attribute, r scim.Resource, change func(scim.Value) (scim.Value, error)) (scim.Resource, error) {
	if a.Parent == nil {
		return change(r)
	}
	return update(a.Parent, r, func(parent scim.Value) (scim.Value, error) {
		present := parent.Get(a.Name)
		next, err := change(present)
		if err != nil {
			return scim.Value{}, err
		}
		changed, err := put(a, parent, present, next)
		return retarget(a.Parent, parent, changed, scim.Value{}), err
	})
}

// put sets a in its parent's value, where it was present, to next; that is
// refused if a's mutability does not allow it.
func put(a *schema.Attribute, parent, present, next scim.Value) (scim.Value, error) {
	if next.IsUnassigned() {
		next = scim.Value{}
	}
	switch {
	case next.Equal(present), a.Mutability == schema.Immutable && a.Same(next, present):
		return parent, nil
	case a.Mutability == schema.ReadOnly:
		return scim.Value{}, readOnly(a)
	case a.Mutability == schema.Immutable && !present.IsUnassigned():
		return scim.Value{}, scim.BadRequest(scim.Mutability, "attribute %s is immutable and has a value; it can only be sent as it is", a.Path())
	}
	return parent.With(a.Name, next), nil
}

func readOnly(a *schema.Attribute) error {
	return scim.BadRequest(scim.Mutability, "attribute %s is readOnly; leave it out or send its present value", a.Path())
}

// retarget keeps a reference whole: a is a complex attribute whose value was
// before and is after, by an operation that sent the members of sent. If its
// `value` was cleared, nothing is left; if it changed, what described the former
// target goes unless it was sent along.
func retarget(a *schema.Attribute, before, after, sent scim.Value) scim.Value {
	was := before.Get("value")
	if was.IsNull() || a.SubAttribute("$ref") == nil || was.Equal(after.Get("value")) {
		return after
	}
	if after.Get("value").IsNull() {
		return scim.Value{}
	}
	var kept []scim.Member
	for name, v := range after.Members() {
		_, ok := sent.Lookup(name)
		if sub := a.SubAttribute(name); ok && sub != nil && sub.Mutability != schema.ReadOnly || name == "value" {
			kept = append(kept, scim.Member{Name: name, Value: v})
		}
	}
	return scim.ObjectValue(kept...)
}

// isSchemas reports whether a is the common attribute `schemas`.
func isSchemas(a *schema.Attribute) bool { return isCommon(a, "schemas") }

func isCommon(a *schema.Attribute, name string) bool {
	return a.Schema == "" && a.Parent != nil && a.Parent.Parent == nil && a.Name == name
}
