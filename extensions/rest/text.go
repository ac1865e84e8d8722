package rest

import (
	"encoding"
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"roster/scim"
)

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
