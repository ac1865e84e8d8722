package patch

import (
	"roster/scim"
	"roster/scim/schema"
)

// assign returns the value of a after add or replace of the whole attribute: a
// single value is replaced, sub-attributes are merged, and a list grows by add
// and is exchanged by replace (RFC 7644 sections 3.5.2.1 and 3.5.2.3).
func (e *editor) assign(kind Kind, a *schema.Attribute, present, sent scim.Value) (scim.Value, error) {
	switch {
	case a.Mutability == schema.ReadOnly:
		if !agrees(a, present, sent) {
			return scim.Value{}, readOnly(a)
		}
		return present, nil
	case clears(sent):
		if kind == Add && a.MultiValued {
			return present, nil
		}
		return unassign(a, present)
	case a.MultiValued:
		return e.assignList(kind, a, present, sent)
	case a.IsComplex():
		return e.merge(kind, a, present, sent)
	}
	accepted, err := a.Accept(sent, e.profile)
	if err == nil && accepted.IsNull() {
		return unassign(a, present)
	}
	return accepted, err
}

// clears reports whether a value means "unassigned" to clients.
func clears(v scim.Value) bool {
	switch v.Kind() {
	case scim.Null:
		return true
	case scim.String:
		return v.Text() == ""
	case scim.Array:
		return v.Len() == 0
	}
	return false
}

// unassign takes away the value of an attribute for which a client sent null,
// "" or [].
func unassign(a *schema.Attribute, present scim.Value) (scim.Value, error) {
	if a.Required {
		return scim.Value{}, scim.BadRequest(scim.InvalidValue, "attribute %s is required; send a value", a.Path())
	}
	return leftover(a, present), nil
}

// remove takes away the value of an attribute by the operation remove, whose
// refusal has a keyword of its own (RFC 7644 section 3.5.2.2).
func remove(a *schema.Attribute, present scim.Value) (scim.Value, error) {
	switch {
	case a.Mutability == schema.ReadOnly:
		return scim.Value{}, scim.BadRequest(scim.Mutability, "attribute %s is readOnly and cannot be removed", a.Path())
	case a.Required:
		return scim.Value{}, scim.BadRequest(scim.Mutability, "attribute %s is required and cannot be removed; replace it instead", a.Path())
	}
	return leftover(a, present), nil
}

// leftover returns what is left of a value that goes: nothing, or the readOnly
// attributes of an extension.
func leftover(a *schema.Attribute, present scim.Value) scim.Value {
	if !a.IsExtension() {
		return scim.Value{}
	}
	var kept []scim.Member
	for name, v := range present.Members() {
		if sub := a.SubAttribute(name); sub != nil && sub.Mutability == schema.ReadOnly {
			kept = append(kept, scim.Member{Name: name, Value: v})
		}
	}
	return scim.ObjectValue(kept...)
}

// merge sets the sub-attributes that were sent in a value of the complex
// attribute a, or in one element of it; the others stay as they are.
func (e *editor) merge(kind Kind, a *schema.Attribute, present, sent scim.Value) (scim.Value, error) {
	sent, err := e.object(a, sent)
	if err != nil {
		return scim.Value{}, err
	}
	merged := present
	for name, v := range sent.Members() {
		sub := a.SubAttribute(name)
		if sub == nil {
			if err := e.refuseUnknown(a, name, v); err != nil {
				return scim.Value{}, err
			}
			continue
		}
		if sub.Mutability == schema.ReadOnly {
			continue
		}
		if merged, err = e.set(kind, sub, merged, v); err != nil {
			return scim.Value{}, err
		}
	}
	return retarget(a, present, merged, sent), nil
}

// object returns what was sent for a complex value: an object as it is, with its
// nulls; a bare value or a list of one where the profile takes them.
func (e *editor) object(a *schema.Attribute, sent scim.Value) (scim.Value, error) {
	if sent.Kind() == scim.Array && sent.Len() == 1 && e.profile.WrapValues {
		sent = sent.At(0)
	}
	if sent.Kind() == scim.Object {
		return sent, nil
	}
	return a.AcceptElement(sent, e.profile)
}

// refuseUnknown lets the schema decide about a name that it does not know.
func (e *editor) refuseUnknown(a *schema.Attribute, name string, v scim.Value) error {
	_, err := a.AcceptElement(scim.ObjectValue(scim.Member{Name: name, Value: v}), e.profile)
	return err
}

// set assigns one sub-attribute in a value of its parent.
func (e *editor) set(kind Kind, sub *schema.Attribute, parent, sent scim.Value) (scim.Value, error) {
	present := parent.Get(sub.Name)
	next, err := e.assign(kind, sub, present, sent)
	if err != nil {
		return scim.Value{}, err
	}
	return put(sub, parent, present, next)
}

// agrees reports whether a client repeated the present value of a readOnly
// attribute, or some of its sub-attributes.
func agrees(a *schema.Attribute, present, sent scim.Value) bool {
	switch {
	case sent.Kind() == scim.Object && a.IsComplex():
		for name, v := range sent.Members() {
			sub := a.SubAttribute(name)
			if sub != nil && !agrees(sub, present.Get(sub.Name), v) {
				return false
			}
		}
		return true
	case sent.Kind() == scim.Array && sent.Len() > 0:
		if present.Kind() != scim.Array || present.Len() != sent.Len() {
			return false
		}
		for i, v := range sent.Elements() {
			if !agrees(a, present.At(i), v) {
				return false
			}
		}
		return true
	}
	return present.Equal(sent) || clears(sent) && present.IsUnassigned()
}
