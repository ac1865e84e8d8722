package patch

import (
	"slices"

	"roster/scim"
	"roster/scim/schema"
)

// assignList adds elements to a list, or exchanges all of them.
func (e *editor) assignList(kind Kind, a *schema.Attribute, present, sent scim.Value) (scim.Value, error) {
	accepted, err := a.Accept(sent, e.profile)
	if err != nil {
		return scim.Value{}, err
	}
	if kind == Replace {
		if accepted.IsNull() {
			return unassign(a, present)
		}
		present = scim.Value{}
	}
	l, err := e.open(a, present, accepted.Len(), nil)
	if err != nil {
		return scim.Value{}, err
	}
	if err := l.checkTwice(accepted); err != nil {
		return scim.Value{}, err
	}
	for _, element := range accepted.Elements() {
		if err := e.addElement(l, element); err != nil {
			return scim.Value{}, err
		}
	}
	if len(l.touched) == 0 {
		return present, nil
	}
	return l.close()
}

// checkTwice refuses elements that say two things under one identity of their own:
// nobody could tell which of them is meant.
func (l *list) checkTwice(sent scim.Value) error {
	if l.value == nil || !l.value.Identity {
		return nil
	}
	seen := make(map[identity]bool, sent.Len())
	for _, element := range sent.Elements() {
		id := l.sought(element)
		if seen[id] {
			return scim.BadRequest(scim.InvalidValue, "two elements of %s have the same %s", l.attribute.Path(), l.value.Name)
		}
		seen[id] = true
	}
	return nil
}

// addElement adds an accepted element unless it is there; then what it brings
// beyond its identity is set.
func (e *editor) addElement(l *list, element scim.Value) error {
	if l.attribute.Edge != "" && element.Get("value").IsNull() {
		return withoutValue(l.attribute)
	}
	id := l.sought(element)
	i, found := l.find(id)
	switch {
	case !found:
		l.append(element)
		return nil
	case id.scope == byWhole, l.attribute.Edge != "", !l.attribute.IsComplex():
		return nil
	case l.value.Identity && slices.Contains(l.touched, i) && !element.Equal(l.elements[i]):
		return scim.BadRequest(scim.InvalidValue, "two elements of %s have the same %s; send one of them", l.attribute.Path(), l.value.Name)
	}
	brought := element.With(l.value.Name, scim.Value{})
	if l.kind != nil {
		brought = brought.With(l.kind.Name, scim.Value{})
	}
	if brought.IsUnassigned() {
		return nil
	}
	merged, err := e.merge(Add, l.attribute, l.elements[i], brought)
	if err != nil {
		return err
	}
	l.put(i, merged)
	return nil
}

// removeValues removes the elements that a client lists with the operation.
func (e *editor) removeValues(a *schema.Attribute, present, sent scim.Value) (scim.Value, error) {
	if a.Mutability == schema.ReadOnly {
		return remove(a, present)
	}
	if e.profile.WrapValues {
		sent = unwrap(a, sent)
	}
	listed, err := a.Accept(sent, e.profile)
	if err != nil {
		return scim.Value{}, err
	}
	l, err := e.open(a, present, 0, nil)
	if err != nil {
		return scim.Value{}, err
	}
	going := make(map[identity]bool, listed.Len())
	for _, element := range listed.Elements() {
		if a.Edge != "" && element.Get("value").IsNull() {
			return scim.Value{}, withoutValue(a)
		}
		going[l.sought(element)] = true
	}
	removed := false
	for i, element := range l.elements {
		if own, wider := l.identify(element); going[own] || going[wider] {
			l.elements[i], removed = scim.Value{}, true
		}
	}
	if !removed {
		return present, nil
	}
	return finish(l, Remove)
}

// unwrap takes {"members":[…]} for the list, as some clients write in a remove.
func unwrap(a *schema.Attribute, sent scim.Value) scim.Value {
	if inner, ok := sent.Lookup(a.Name); ok && sent.Len() == 1 && a.SubAttribute(a.Name) == nil {
		return inner
	}
	return sent
}

// finish closes a list from which elements were taken, refusing if nothing is
// left of a required attribute.
func finish(l *list, kind Kind) (scim.Value, error) {
	v, err := l.close()
	switch {
	case err != nil || !v.IsNull():
		return v, err
	case kind == Remove:
		return remove(l.attribute, v)
	}
	return unassign(l.attribute, v)
}
