package scim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds how deep a JSON text may nest. The deepest that the protocol
// needs is a Bulk request with a PATCH on a complex attribute: nine levels.
const maxDepth = 32

// maxValues bounds how many values a JSON text may hold, because each takes much
// more memory than its two bytes of text. A Bulk request of a thousand users
// holds a fifth of it.
const maxValues = 200_000

// ParseJSON reads exactly one JSON value. Invalid UTF-8, anything behind the
// value, more than 32 levels or 200,000 values, and two members of an object whose names are the
// same in any case are errors; an error says where and what, but repeats no
// content. The value keeps no reference to data; its strings share one copy of it.
func ParseJSON(data []byte) (Value, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return Value{}, errors.New("there is no JSON: the text is empty")
	}
	// Names that differ only in case are refused too, so object() looks for all.
	d := &decoder{Decoder: jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true)), text: string(data), left: maxValues}
	v, err := d.decode(0)
	if err != nil {
		return Value{}, syntaxError(d.Decoder, err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return Value{}, fmt.Errorf("more follows behind the JSON value, at byte %d", d.InputOffset())
	}
	return v, nil
}

// syntaxError says what is wrong without quoting the input, which may hold
// personal values or a password.
func syntaxError(d *jsontext.Decoder, err error) error {
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the JSON text ends too early")
	case errors.As(err, &syntactic):
		return fmt.Errorf("invalid JSON or invalid UTF-8 at byte %d", syntactic.ByteOffset)
	}
	return err
}

type decoder struct {
	*jsontext.Decoder
	text string // all of it
	left int    // values that may still come
}

// content is what a string says that was just read: the part of the text that it
// stands in, unless something in it is escaped. Only a quote within a string is
// behind a backslash.
func (d *decoder) content(token jsontext.Token) string {
	end := int(d.InputOffset()) - 1
	begin := strings.LastIndexByte(d.text[:end], '"')
	if begin > 0 && d.text[begin-1] == '\\' || strings.IndexByte(d.text[begin+1:end], '\\') >= 0 {
		return token.String()
	}
	return d.text[begin+1 : end]
}

func (d *decoder) decode(depth int) (Value, error) {
	if d.left--; d.left < 0 {
		return Value{}, fmt.Errorf("the JSON text holds more than %d values, at byte %d", maxValues, d.InputOffset())
	}
	if depth > maxDepth {
		return Value{}, fmt.Errorf("the JSON text nests deeper than %d levels, at byte %d", maxDepth, d.InputOffset())
	}
	token, err := d.ReadToken()
	if err != nil {
		return Value{}, err
	}
	switch token.Kind() {
	case 't', 'f':
		return BoolValue(token.Bool()), nil
	case '"':
		return StringValue(d.content(token)), nil
	case '0':
		return NumberValue(token.String()), nil
	case '[':
		return d.array(depth)
	case '{':
		return d.object(depth)
	}
	return Value{}, nil
}

func (d *decoder) array(depth int) (Value, error) {
	v := Value{kind: Array}
	for d.PeekKind() != ']' {
		e, err := d.decode(depth + 1)
		if err != nil {
			return Value{}, err
		}
		v.list = append(v.list, Member{Value: e})
	}
	_, err := d.ReadToken()
	return v, err
}

func (d *decoder) object(depth int) (Value, error) {
	v := Value{kind: Object}
	var names foldedSet
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return Value{}, err
		}
		m := Member{Name: d.content(name)}
		if !names.add(m.Name, v.list) {
			return Value{}, fmt.Errorf("a member name appears twice in one object, also in another case, at byte %d", d.InputOffset())
		}
		if m.Value, err = d.decode(depth + 1); err != nil {
			return Value{}, err
		}
		if v.list == nil {
			v.list = make([]Member, 0, 4)
		}
		v.list = append(v.list, m)
	}
	_, err := d.ReadToken()
	return v, err
}

// foldedSet finds names that are the same in another case. Small objects are
// compared member by member, large ones through a map, so that an object of
// many members does not cost the square of their number.
type foldedSet map[string]bool

func (s *foldedSet) add(name string, members []Member) bool {
	const few = 16
	if len(members) < few {
		for _, m := range members {
			if strings.EqualFold(m.Name, name) {
				return false
			}
		}
		return true
	}
	if *s == nil {
		*s = make(foldedSet, 2*few)
		for _, m := range members {
			(*s)[folded(m.Name)] = true
		}
	}
	key := folded(name)
	if (*s)[key] {
		return false
	}
	(*s)[key] = true
	return true
}

// folded is equal for names that strings.EqualFold takes for equal.
func folded(name string) string { return strings.ToLower(strings.ToUpper(name)) }

// AppendJSON appends the value as compact JSON, members in their order.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.kind {
	case Null:
		return append(dst, "null"...)
	case Bool:
		if v.Bool() {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case Number:
		return append(dst, v.text...)
	case String:
		return appendString(dst, v.text)
	case Array:
		return v.appendList(dst, '[', ']')
	}
	return v.appendList(dst, '{', '}')
}

func (v Value) appendList(dst []byte, open, shut byte) []byte {
	dst = append(dst, open)
	for i, m := range v.list {
		if i > 0 {
			dst = append(dst, ',')
		}
		if v.kind == Object {
			dst = append(appendString(dst, m.Name), ':')
		}
		dst = m.Value.AppendJSON(dst)
	}
	return append(dst, shut)
}

// appendString cannot fail: strings come from ParseJSON, which refuses invalid
// UTF-8, or from the program; what were invalid becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	quoted, err := jsontext.AppendQuote(dst, s)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(dst, strings.ToValidUTF8(s, "\uFFFD"))
	}
	return quoted
}

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) { return v.AppendJSON(nil), nil }

// UnmarshalJSON implements json.Unmarshaler with the rules of ParseJSON.
func (v *Value) UnmarshalJSON(data []byte) (err error) {
	*v, err = ParseJSON(data)
	return err
}

// String returns the value as JSON, for tests and messages to developers.
func (v Value) String() string { return string(v.AppendJSON(nil)) }
