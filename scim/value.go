// Package scim holds the nouns of the protocol: values, errors, an account's
// profile and limits, URNs. It does no I/O and imports nothing of the module.
//
// A resource in memory is a [Value] of kind Object: an ordered tree with strings
// as they were sent and numbers as they were written. Values are immutable:
// operations return new values and share what did not change, so a snapshot of a
// resource is an assignment.
package scim

import (
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Kind is the JSON kind of a value.
type Kind uint8

// The zero Value is Null.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

var kindText = [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}

// String names the kind with its article, for messages.
func (k Kind) String() string { return kindText[k] }

// Value is a JSON value. The zero Value is null.
type Value struct {
	kind Kind
	text string   // String: decoded; Number: its literal; Bool: "true" or ""
	list []Member // Object: members; Array: elements with an empty Name
}

// Member is one name and value of an object.
type Member struct {
	Name  string
	Value Value
}

// Resource is a value of kind Object whose names are those of its schema.
type Resource = Value

// StringValue returns a string.
func StringValue(s string) Value { return Value{kind: String, text: s} }

// NumberValue returns a number with that literal, which must be valid JSON.
func NumberValue(literal string) Value { return Value{kind: Number, text: literal} }

// IntValue returns a number.
func IntValue(n int) Value { return Value{kind: Number, text: strconv.Itoa(n)} }

// BoolValue returns a boolean.
func BoolValue(b bool) Value {
	if b {
		return Value{kind: Bool, text: "true"}
	}
	return Value{kind: Bool}
}

// ArrayValue returns an array of the elements.
func ArrayValue(elements ...Value) Value {
	list := make([]Member, len(elements))
	for i, e := range elements {
		list[i].Value = e
	}
	return Value{kind: Array, list: list}
}

// ObjectValue returns an object of the members, whose names must differ. It
// takes over the slice.
func ObjectValue(members ...Member) Value { return Value{kind: Object, list: members} }

// Kind returns the kind of the value.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.kind == Null }

// Text returns the content of a string or the literal of a number, else "".
func (v Value) Text() string {
	if v.kind == Bool {
		return ""
	}
	return v.text
}

// Bool reports whether v is the boolean true.
func (v Value) Bool() bool { return v.kind == Bool && v.text != "" }

// Int returns the value of a number that is an integer, and false for anything
// else.
func (v Value) Int() (int, bool) {
	if v.kind != Number {
		return 0, false
	}
	n, err := strconv.Atoi(v.text)
	return n, err == nil
}

// HoldsText reports whether v is a list with that string in it, in any case.
func (v Value) HoldsText(text string) bool {
	for _, e := range v.Elements() {
		if strings.EqualFold(e.Text(), text) {
			return true
		}
	}
	return false
}

// Map returns the array or object with each element or member, whose name is
// given, put through change; its first error ends it.
func (v Value) Map(change func(name string, member Value) (Value, error)) (Value, error) {
	list := make([]Member, len(v.list))
	for i, m := range v.list {
		next, err := change(m.Name, m.Value)
		if err != nil {
			return Value{}, err
		}
		list[i] = Member{m.Name, next}
	}
	v.list = list
	return v, nil
}

// Len returns the number of elements or members.
func (v Value) Len() int { return len(v.list) }

// At returns element i of an array, or the value of member i of an object.
func (v Value) At(i int) Value { return v.list[i].Value }

// Elements yields the elements of an array.
func (v Value) Elements() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		if v.kind != Array {
			return
		}
		for i := range v.list {
			if !yield(i, v.list[i].Value) {
				return
			}
		}
	}
}

// Members yields the names and values of an object, in order.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.kind != Object {
			return
		}
		for i := range v.list {
			if !yield(v.list[i].Name, v.list[i].Value) {
				return
			}
		}
	}
}

// Get returns the member with exactly that name, and null if there is none.
func (v Value) Get(name string) Value {
	for i := range v.list {
		if v.list[i].Name == name {
			return v.list[i].Value
		}
	}
	return Value{}
}

// Lookup returns the member with that name in any case (RFC 7643 section 2.1).
func (v Value) Lookup(name string) (Value, bool) {
	for i := range v.list {
		if v.kind == Object && strings.EqualFold(v.list[i].Name, name) {
			return v.list[i].Value, true
		}
	}
	return Value{}, false
}

// With returns the object with the member set: in its place if it was there, at
// the end if not. A null value removes it. A v of another kind is taken for an
// empty object. What is there already costs nothing.
func (v Value) With(name string, value Value) Value {
	if v.kind != Object {
		v = Value{kind: Object}
	}
	at := slices.IndexFunc(v.list, func(m Member) bool { return m.Name == name })
	switch {
	case at < 0 && value.IsNull():
		return v
	case at < 0:
		return Value{kind: Object, list: append(slices.Clip(v.list), Member{name, value})}
	case value.IsNull():
		return Value{kind: Object, list: slices.Delete(slices.Clone(v.list), at, at+1)}
	case v.list[at].Value.is(value):
		return v
	}
	list := slices.Clone(v.list)
	list[at].Value = value
	return Value{kind: Object, list: list}
}

// Append returns the array with the elements behind its own. A v of another
// kind is taken for an empty array.
func (v Value) Append(elements ...Value) Value {
	list := make([]Member, 0, len(v.list)+len(elements))
	if v.kind == Array {
		list = append(list, v.list...)
	}
	for _, e := range elements {
		list = append(list, Member{Value: e})
	}
	return Value{kind: Array, list: list}
}

// IsUnassigned reports whether v counts as no value: null, an empty array or an
// object without members (RFC 7643 section 2.5).
func (v Value) IsUnassigned() bool {
	switch v.kind {
	case Null:
		return true
	case Array, Object:
		return len(v.list) == 0
	}
	return false
}

// is reports whether two values are the same scalar, or one was made of the other.
func (v Value) is(w Value) bool {
	return v.kind == w.kind && v.text == w.text && len(v.list) == len(w.list) && (len(v.list) == 0 || &v.list[0] == &w.list[0])
}

// Equal reports whether two values are the same JSON: objects regardless of the
// order of their members, arrays in order, numbers by their literal.
func (v Value) Equal(w Value) bool {
	if v.is(w) {
		return true
	}
	if v.kind != w.kind || v.text != w.text || len(v.list) != len(w.list) {
		return false
	}
	for i, m := range v.list {
		other := w.list[i]
		if v.kind == Object && other.Name != m.Name {
			other = Member{m.Name, w.Get(m.Name)}
		}
		if !m.Value.Equal(other.Value) {
			return false
		}
	}
	return true
}
