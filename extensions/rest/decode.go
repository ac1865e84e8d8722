package rest

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"time"

	"roster/scim"
)

// Decoder is a type with a JSON form of its own, by its address.
type Decoder interface {
	// DecodeJSON takes a value, or says what it must be: "must be ...".
	DecodeJSON(v scim.Value) error
	// Schema is the JSON Schema (2020-12) of the form.
	Schema() map[string]any
}

// decodeObject fills the members of a struct from a JSON object. Names are
// case-sensitive, and all of them must be known. An error says which member is
// wrong, without its value.
func decodeObject(v scim.Value, into reflect.Value, members []member, path string) error {
	if v.Kind() != scim.Object {
		return wrongKind(path, "an object", v)
	}
	for name := range v.Members() {
		if !slices.ContainsFunc(members, func(m member) bool { return m.name == name }) {
			return refuse("invalid_syntax", "there is no member %q here; there are: %s", scim.Abbreviate(join(path, name)), names(members))
		}
	}
	for _, m := range members {
		if err := m.decode(v, into.FieldByIndex(m.index), join(path, m.name)); err != nil {
			return err
		}
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (m member) decode(of scim.Value, into reflect.Value, path string) error {
	v, sent := of.Lookup(m.name) // names differ in more than case
	switch {
	case sent:
		return decodeValue(v, into, m.rules, path)
	case m.rules.fallback != nil:
		return parse(*m.rules.fallback, into, path)
	case !m.optional:
		return refuse("invalid_value", "%s is missing", path)
	}
	return nil
}

func decodeValue(v scim.Value, into reflect.Value, r rules, path string) error {
	switch x := into.Addr().Interface().(type) {
	case maybe:
		x.sent()
		return decodeValue(v, x.content(), r, path)
	case Decoder:
		if err := x.DecodeJSON(v); err != nil {
			return refuse("invalid_value", "%s %v", orBody(path), err)
		}
		return nil
	case *scim.Value:
		*x = v
		if v.Kind() != scim.Object {
			return wrongKind(path, "an object", v)
		}
		return nil
	case *time.Time:
		return decodeTime(v, x, path)
	case *[]byte:
		return decodeBytes(v, x, path)
	case encoding.TextUnmarshaler:
		return decodeText(v, x, path)
	}
	return decodeKind(v, into, r, path)
}

func decodeKind(v scim.Value, into reflect.Value, r rules, path string) error {
	switch into.Kind() {
	case reflect.Pointer:
		if v.IsNull() {
			return nil
		}
		into.Set(reflect.New(into.Type().Elem()))
		return decodeValue(v, into.Elem(), r, path)
	case reflect.Struct:
		return decodeObject(v, into, r.members, path)
	case reflect.Slice:
		return decodeList(v, into, r, path)
	case reflect.Map:
		return decodeMap(v, into, r, path)
	case reflect.Bool:
		if v.Kind() != scim.Bool {
			return wrongKind(path, "a boolean", v)
		}
		into.SetBool(v.Bool())
		return nil
	case reflect.Int:
		n, ok := v.Int()
		if !ok {
			return wrongKind(path, "a whole number", v)
		}
		into.SetInt(int64(n))
		return r.checkNumber(n, path)
	case reflect.String:
		if v.Kind() != scim.String {
			return wrongKind(path, "a string", v)
		}
		into.SetString(v.Text())
		return r.checkText(v.Text(), path)
	}
	panic(fmt.Sprintf("rest: no JSON is decoded into %s", into.Type()))
}

func decodeList(v scim.Value, into reflect.Value, r rules, path string) error {
	if v.Kind() != scim.Array {
		return wrongKind(path, "a list", v)
	}
	if err := r.checkItems(v.Len(), path); err != nil {
		return err
	}
	list := reflect.MakeSlice(into.Type(), v.Len(), v.Len())
	for i, e := range v.Elements() {
		if err := decodeValue(e, list.Index(i), r.ofElements(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	into.Set(list)
	return nil
}

// decodeMap takes any names, which are the handler's to judge.
func decodeMap(v scim.Value, into reflect.Value, r rules, path string) error {
	if v.Kind() != scim.Object {
		return wrongKind(path, "an object", v)
	}
	into.Set(reflect.MakeMap(into.Type()))
	for name, value := range v.Members() {
		element := reflect.New(into.Type().Elem()).Elem()
		if err := decodeValue(value, element, r.ofElements(), scim.Abbreviate(join(path, name))); err != nil {
			return err
		}
		into.SetMapIndex(reflect.ValueOf(name).Convert(into.Type().Key()), element)
	}
	return nil
}

func wrongKind(path, want string, v scim.Value) error {
	return refuse("invalid_value", "%s must be %s, not %s", orBody(path), want, v.Kind())
}

func orBody(path string) string { return cmp.Or(path, "the body") }
