package patch

import (
	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
)

// editElements applies an operation to the elements that a value path selects,
// or to a sub-attribute of all of them.
func (e *editor) editElements(present scim.Value, op Op) (scim.Value, error) {
	if !op.Path.Attribute.MultiValued {
		return e.editFiltered(present, op)
	}
	l, err := e.open(op.Path.Attribute, present, 0, op.Path.Where)
	if err != nil {
		return scim.Value{}, err
	}
	matched := false
	for i, element := range l.elements {
		if !op.selects(element) {
			continue
		}
		next := scim.Value{} // what a whole replacement makes of a second match
		if !matched || op.Kind != Replace || op.Path.Sub != nil {
			if next, err = e.editElement(element, op); err != nil {
				return scim.Value{}, err
			}
		}
		l.put(i, next)
		matched = true
	}
	if !matched {
		return e.editUnmatched(l, present, op)
	}
	l.unite(op)
	return finish(l, op.Kind)
}

// selects reports whether the operation is about an element.
func (op Op) selects(element scim.Value) bool {
	return op.Path.Where == nil || filter.MatchElement(op.Path.Where, op.Path.Attribute, element)
}

// editFiltered is for a filter behind a complex attribute with one value. It
// holds or it does not: there is no element to be made of it.
func (e *editor) editFiltered(present scim.Value, op Op) (scim.Value, error) {
	switch {
	case !present.IsUnassigned() && op.selects(present):
		return e.editElement(present, op)
	case op.Kind == Remove:
		return present, nil
	}
	return scim.Value{}, noTarget(op)
}

// editElement returns what an operation makes of one selected element.
func (e *editor) editElement(element scim.Value, op Op) (scim.Value, error) {
	a, sub := op.Path.Attribute, op.Path.Sub
	switch {
	case sub != nil:
		return e.editSub(element, op)
	case op.Kind == Remove && a.MultiValued:
		return scim.Value{}, nil
	case op.Kind == Remove:
		return remove(a, element)
	case !a.MultiValued && clears(op.Value):
		return unassign(a, element)
	case clears(op.Value):
		return scim.Value{}, nil
	case !a.IsComplex():
		return a.AcceptElement(op.Value, e.profile)
	case op.Kind == Add || !a.MultiValued:
		return e.merge(op.Kind, a, element, op.Value)
	}
	return e.exchange(op)
}

// editSub changes one sub-attribute of an element.
func (e *editor) editSub(element scim.Value, op Op) (next scim.Value, err error) {
	sub := op.Path.Sub
	if op.Kind == Remove {
		present := element.Get(sub.Name)
		left, err := remove(sub, present)
		if err != nil {
			return scim.Value{}, err
		}
		next, err = put(sub, element, present, left)
		if err != nil {
			return scim.Value{}, err
		}
	} else if next, err = e.set(op.Kind, sub, element, op.Value); err != nil {
		return scim.Value{}, err
	}
	return retarget(op.Path.Attribute, element, next, scim.Value{}), nil
}

// exchange returns the element that replaces the selected ones: the value, and
// what the filter says of them where the value is silent.
func (e *editor) exchange(op Op) (scim.Value, error) {
	a := op.Path.Attribute
	sent, err := e.object(a, op.Value)
	if err != nil {
		return scim.Value{}, err
	}
	element, err := a.AcceptElement(sent, e.profile)
	if err != nil {
		return scim.Value{}, err
	}
	terms, ok := filter.EqualTerms(op.Path.Where)
	if !ok {
		return element, nil
	}
	for _, term := range terms {
		if _, ok := sent.Lookup(term.Attribute.Name); !ok && term.Attribute.Mutability != schema.ReadOnly {
			element = element.With(term.Attribute.Name, term.Literal)
		}
	}
	return element, nil
}

// editUnmatched handles a selection that selects nothing: remove has nothing to
// do, add creates the element, and replace does so where the profile says so and
// it is clear what is meant, a sub-attribute.
func (e *editor) editUnmatched(l *list, present scim.Value, op Op) (scim.Value, error) {
	created, err := e.create(op)
	if err != nil || created.IsUnassigned() {
		return present, err
	}
	if err := e.addElement(l, created); err != nil {
		return scim.Value{}, err
	}
	return l.close()
}

// create makes the element that a selection without a match asks for: null if
// there is nothing to make.
func (e *editor) create(op Op) (scim.Value, error) {
	a, sub := op.Path.Attribute, op.Path.Sub
	lenient := op.Kind == Add || e.profile.CreateFromFilter || op.Path.Where == nil
	switch {
	case op.Kind == Remove, lenient && clears(op.Value):
		return scim.Value{}, nil
	case !lenient, op.Kind == Replace && sub == nil:
		return scim.Value{}, noTarget(op)
	case !a.IsComplex():
		return a.AcceptElement(op.Value, e.profile)
	}
	seed, err := e.seed(op)
	if err != nil {
		return scim.Value{}, err
	}
	if sub != nil {
		return e.set(op.Kind, sub, seed, op.Value)
	}
	return e.merge(Add, a, seed, op.Value)
}

// seed makes an element that satisfies the filter, if that says what it is.
func (e *editor) seed(op Op) (scim.Value, error) {
	if op.Path.Where == nil {
		return scim.Value{}, nil
	}
	terms, ok := filter.EqualTerms(op.Path.Where)
	if !ok {
		return scim.Value{}, noTarget(op)
	}
	var seed scim.Value
	for _, term := range terms {
		seed = seed.With(term.Attribute.Name, term.Literal)
	}
	seed, err := op.Path.Attribute.AcceptElement(seed, e.profile)
	if err == nil && !op.selects(seed) {
		return scim.Value{}, noTarget(op)
	}
	return seed, err
}

func noTarget(op Op) error {
	return scim.BadRequest(scim.NoTarget, "no element of %s matches the filter of the path; add the element first", op.Path.Attribute.Path())
}

// unite keeps the first of elements that a replacement made the same.
func (l *list) unite(op Op) {
	if op.Kind != Replace || op.Path.Sub != nil || len(l.touched) == 0 {
		return
	}
	first := l.touched[0]
	if l.elements[first].IsUnassigned() {
		return
	}
	same, _ := l.identify(l.elements[first])
	for i, element := range l.elements {
		if own, _ := l.identify(element); i != first && own == same {
			l.elements[i] = scim.Value{}
		}
	}
}
