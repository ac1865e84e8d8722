package rest

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"unicode/utf8"

	"roster/auth/httpauth"
)

// decodePath fills the parameters of the pattern.
func decodePath(r *http.Request, into reflect.Value, members []member) {
	for _, m := range members {
		into.FieldByIndex(m.index).SetString(httpauth.Param(r, m.name))
	}
}

// decodeQuery fills the parameters of the query. All that are sent must be known,
// and have a value.
func decodeQuery(raw string, into reflect.Value, members []member) error {
	sent, err := url.ParseQuery(raw)
	if err != nil {
		return refuse("invalid_parameter", "the query is not encoded as name=value&name=value")
	}
	for name := range sent {
		if !slices.ContainsFunc(members, func(m member) bool { return m.name == name }) {
			return refuse("invalid_parameter", "there is no such parameter here; there are: %s", names(members))
		}
	}
	for _, m := range members {
		if err := m.parameter(sent[m.name], into.FieldByIndex(m.index)); err != nil {
			return err
		}
	}
	return nil
}

func names(members []member) string {
	list := "none"
	for i, m := range members {
		if i == 0 {
			list = m.name
			continue
		}
		list += ", " + m.name
	}
	return list
}

func (m member) parameter(sent []string, into reflect.Value) error {
	if len(sent) == 0 {
		switch {
		case m.rules.fallback != nil:
			return parse(*m.rules.fallback, into, m.name)
		case !m.optional:
			return refuse("invalid_parameter", "the parameter %s is missing", m.name)
		}
		return nil
	}
	if into.Kind() != reflect.Slice {
		if len(sent) > 1 {
			return refuse("invalid_parameter", "%s may be sent only once", m.name)
		}
		return m.argument(sent[0], into)
	}
	if err := m.rules.checkItems(len(sent), m.name); err != nil {
		return asParameter(err)
	}
	list := reflect.MakeSlice(into.Type(), len(sent), len(sent))
	for i, text := range sent {
		if err := m.argument(text, list.Index(i)); err != nil {
			return err
		}
	}
	into.Set(list)
	return nil
}

// argument reads one value of a parameter.
func (m member) argument(text string, into reflect.Value) error {
	if text == "" || !utf8.ValidString(text) {
		return refuse("invalid_parameter", "%s has no value, or one that is not UTF-8", m.name)
	}
	if err := parse(text, into, m.name); err != nil {
		return err
	}
	if into.Kind() == reflect.String {
		return asParameter(m.rules.checkText(text, m.name))
	}
	if into.Kind() == reflect.Int {
		return asParameter(m.rules.checkNumber(int(into.Int()), m.name))
	}
	return nil
}

// asParameter says of a refusal that it is about a parameter.
func asParameter(err error) error {
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		refusal.Code = "invalid_parameter"
	}
	return err
}
