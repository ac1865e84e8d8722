package rest

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"roster/scim"
)

// member is a member of a JSON object, or a parameter, as a struct field
// declares it; see [Handle].
type member struct {
	name     string
	optional bool
	index    []int
	kind     reflect.Type
	rules    rules
}

// membersOf lists the fields of a struct that have the tag. It takes long, so what
// requests need is made once; see Handle.
func membersOf(t reflect.Type, tag string) []member {
	var list []member
	for _, f := range reflect.VisibleFields(t) {
		text, ok := f.Tag.Lookup(tag)
		if !ok || f.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(text, ",")
		r := rulesOf(f.Tag)
		if t := objectIn(f.Type); t != nil {
			r.members = membersOf(t, "json")
		}
		list = append(list, member{
			name:     name,
			optional: r.fallback != nil || options == "omitzero" || options == "omitempty",
			index:    f.Index,
			kind:     f.Type,
			rules:    r,
		})
	}
	return list
}

// objectIn returns the struct type that a type is, or holds one or many of; nil if
// it is about something else.
func objectIn(t reflect.Type) reflect.Type {
	switch x := reflect.New(t).Interface().(type) {
	case maybe:
		return objectIn(x.content().Type())
	case Decoder, *scim.Value, *time.Time, json.Marshaler, encoding.TextUnmarshaler:
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return objectIn(t.Elem())
	case reflect.Struct:
		return t
	}
	return nil
}

// Maybe is a member that need not be there: in a change, one that is absent stays
// as it is.
type Maybe[T any] struct {
	Sent  bool
	Value T
}

// Or returns what was sent, and otherwise if nothing was.
func (m Maybe[T]) Or(otherwise T) T {
	if m.Sent {
		return m.Value
	}
	return otherwise
}

// maybe is a Maybe of any type, by its address.
type maybe interface {
	content() reflect.Value // of Value
	sent()
}

func (m *Maybe[T]) content() reflect.Value { return reflect.ValueOf(&m.Value).Elem() }
func (m *Maybe[T]) sent()                  { m.Sent = true }
