package rest

import (
	"cmp"
	"encoding"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
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

func decodeText(v scim.Value, into encoding.TextUnmarshaler, path string) error {
	if v.Kind() != scim.String {
		return wrongKind(path, "a string", v)
	}
	if err := into.UnmarshalText([]byte(v.Text())); err != nil {
		return refuse("invalid_value", "%s: %v", path, err)
	}
	return nil
}

func decodeTime(v scim.Value, into *time.Time, path string) error {
	t, ok := TimeOf(v)
	if !ok {
		return refuse("invalid_value", "%s must be a time as in RFC 3339, such as 2026-01-31T09:30:00Z", path)
	}
	*into = t
	return nil
}

// TimeOf reads a time. The first moment of the year 1 is none: it is Go's zero
// time, which means that nothing was said, such as an end that never comes.
func TimeOf(v scim.Value) (t time.Time, ok bool) {
	t, err := time.Parse(time.RFC3339, v.Text())
	t = ShownTime(t)
	return t, err == nil && v.Kind() == scim.String && !t.IsZero()
}

// decodeBytes takes the one form of base64 that there is for each content:
// standard, padded, without white space.
func decodeBytes(v scim.Value, into *[]byte, path string) error {
	if v.Kind() != scim.String {
		return wrongKind(path, "a string", v)
	}
	data, err := base64.StdEncoding.Strict().DecodeString(v.Text())
	if err != nil || strings.ContainsAny(v.Text(), "\r\n") {
		return refuse("invalid_value", "%s must be base64 in its standard alphabet, padded, without white space (RFC 4648 section 4)", path)
	}
	*into = data
	return nil
}

// parse reads a value that is not JSON: a parameter or a default.
func parse(text string, into reflect.Value, path string) error {
	if at, ok := into.Addr().Interface().(*time.Time); ok {
		return asParameter(decodeTime(scim.StringValue(text), at, path))
	}
	switch into.Kind() {
	case reflect.String:
		into.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return refuse("invalid_parameter", "%s must be true or false", path)
		}
		into.SetBool(text == "true")
	case reflect.Int, reflect.Int64, reflect.Uint64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return refuse("invalid_parameter", "%s must be a whole number, 0 or more", path)
		}
		into.Set(reflect.ValueOf(n).Convert(into.Type()))
	default:
		panic(fmt.Sprintf("rest: no parameter is read into %s", into.Type()))
	}
	return nil
}

func wrongKind(path, want string, v scim.Value) error {
	return refuse("invalid_value", "%s must be %s, not %s", orBody(path), want, v.Kind())
}

func orBody(path string) string { return cmp.Or(path, "the body") }
