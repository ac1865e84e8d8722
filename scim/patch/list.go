package patch

import (
	"slices"
	"strconv"
	"strings"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
)

// list is the value of a multi-valued attribute while one operation edits it.
type list struct {
	attribute *schema.Attribute
	elements  []scim.Value
	touched   []int            // elements that the operation put or changed
	index     map[identity]int // first element of each identity; nil for short work

	// value and kind are the sub-attributes that make an identity, or nil: `value`
	// and `type`, or the one of the definition.
	value, kind *schema.Attribute
}

// fewAdds is how many additions search a list from its start. More make an
// index first, which costs about as much as that many searches.
const fewAdds = 4

// open starts an edit by an operation that brings so many elements, or selects
// some by a filter.
func (e *editor) open(a *schema.Attribute, present scim.Value, adds int, where filter.Node) (*list, error) {
	if err := e.spend(a, present, adds, where); err != nil {
		return nil, err
	}
	l := &list{attribute: a, elements: make([]scim.Value, 0, present.Len()+adds), value: a.SubAttribute("value")}
	if own := identitySub(a); own != nil {
		l.value = own
	} else if a.Edge == "" {
		l.kind = a.SubAttribute("type")
	}
	for _, element := range present.Elements() {
		l.elements = append(l.elements, element)
	}
	if adds > fewAdds && present.Len()+adds > 64 {
		l.makeIndex(present.Len() + adds)
	}
	return l, nil
}

// identitySub is the sub-attribute that the definition makes the identity of an
// element, nil if there is none.
func identitySub(a *schema.Attribute) *schema.Attribute {
	i := slices.IndexFunc(a.Sub, func(sub *schema.Attribute) bool { return sub.Identity })
	if i < 0 {
		return nil
	}
	return a.Sub[i]
}

// close returns the edited list: without elements that went, with at most one
// of them primary, and null if it is empty.
func (l *list) close() (scim.Value, error) {
	if err := l.checkEdges(); err != nil {
		return scim.Value{}, err
	}
	if err := l.settlePrimary(); err != nil {
		return scim.Value{}, err
	}
	kept := l.elements[:0]
	for _, element := range l.elements {
		if !element.IsUnassigned() {
			kept = append(kept, element)
		}
	}
	if len(kept) == 0 {
		return scim.Value{}, nil
	}
	return scim.ArrayValue(kept...), nil
}

// checkEdges refuses an edge that leads nowhere.
func (l *list) checkEdges() error {
	if l.attribute.Edge == "" {
		return nil
	}
	for _, i := range l.touched {
		if element := l.elements[i]; !element.IsUnassigned() && element.Get("value").IsNull() {
			return withoutValue(l.attribute)
		}
	}
	return nil
}

func withoutValue(a *schema.Attribute) error {
	return scim.BadRequest(scim.InvalidValue, "each element of %s needs a `value`, the id of a resource", a.Path())
}

// settlePrimary makes the element that the operation left with primary true the
// only one (RFC 7644 section 3.5.2).
func (l *list) settlePrimary() error {
	primary := l.attribute.SubAttribute("primary")
	if primary == nil || primary.Type != schema.BooleanType {
		return nil
	}
	winner := -1
	for _, i := range l.touched {
		if !l.elements[i].Get(primary.Name).Bool() {
			continue
		}
		if winner >= 0 && winner != i {
			return scim.BadRequest(scim.InvalidValue, "two elements of %s would have primary true; at most one may have it", l.attribute.Path())
		}
		winner = i
	}
	for i, element := range l.elements {
		if winner >= 0 && i != winner && element.Get(primary.Name).Bool() {
			l.elements[i] = element.With(primary.Name, scim.BoolValue(false))
		}
	}
	return nil
}

// put exchanges an element.
func (l *list) put(i int, element scim.Value) {
	l.elements[i] = element
	l.touched = append(l.touched, i)
}

// append adds an element that is known to be new.
func (l *list) append(element scim.Value) {
	l.elements = append(l.elements, element)
	l.touched = append(l.touched, len(l.elements)-1)
	if l.index != nil {
		l.enter(len(l.elements) - 1)
	}
}

// identity is what makes two elements the same one.
type identity struct {
	scope       scope
	value, kind string
}

// scope is the part of an element that an identity is about.
type scope uint8

const (
	byValue     scope = iota // its `value`, or the element itself if it is simple
	byValueType              // its `value` and `type`
	byWhole                  // all of it
)

// identify returns the identity of an element, and the wider one of its value
// alone, by which it is found too.
func (l *list) identify(element scim.Value) (own, wider identity) {
	if !l.attribute.IsComplex() {
		own = identity{value: normal(l.attribute, element)}
		return own, own
	}
	var value scim.Value
	if l.value != nil {
		value = element.Get(l.value.Name)
	}
	if value.IsNull() {
		own = identity{scope: byWhole, value: whole(l.attribute, element)}
		return own, own
	}
	own = identity{value: normal(l.value, value)}
	wider = own
	if l.kind != nil {
		own.scope, own.kind = byValueType, normal(l.kind, element.Get(l.kind.Name))
	}
	return own, wider
}

// sought is the identity by which a client means an element: by its value alone
// if it says no type.
func (l *list) sought(element scim.Value) identity {
	own, wider := l.identify(element)
	if own.scope == byValueType && element.Get("type").IsNull() {
		return wider
	}
	return own
}

// find returns the first element that a client means.
func (l *list) find(sought identity) (int, bool) {
	if l.index != nil {
		i, ok := l.index[sought]
		return i, ok
	}
	for i, element := range l.elements {
		if own, wider := l.identify(element); own == sought || wider == sought {
			return i, true
		}
	}
	return 0, false
}

func (l *list) makeIndex(size int) {
	l.index = make(map[identity]int, 2*size)
	for i := range l.elements {
		l.enter(i)
	}
}

func (l *list) enter(i int) {
	own, wider := l.identify(l.elements[i])
	for _, id := range [...]identity{own, wider} {
		if _, taken := l.index[id]; !taken {
			l.index[id] = i
		}
	}
}

// normal is the normal form of a value, or its JSON if the attribute cannot
// have it, which a schema that changed can leave behind.
func normal(a *schema.Attribute, v scim.Value) string {
	if v.IsNull() {
		return ""
	}
	if n, ok := a.Normal(v); ok {
		return n
	}
	return v.String()
}

// whole joins the normal forms of all sub-attributes of an element.
func whole(a *schema.Attribute, element scim.Value) string {
	var b strings.Builder
	for _, sub := range a.Sub {
		v := element.Get(sub.Name)
		if v.IsUnassigned() {
			continue
		}
		n := normal(sub, v)
		b.WriteString(sub.Name)
		b.WriteByte('=')
		b.WriteString(strconv.Itoa(len(n)))
		b.WriteByte(':')
		b.WriteString(n)
	}
	return b.String()
}
