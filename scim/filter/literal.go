package filter

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"roster/scim"
)

// literal reads a compValue: a string, a json.Number with the literal as it
// was sent, a bool, or nil for null.
func (r *reader) literal() (any, error) {
	at := r.pos
	switch c := r.peek(); {
	case c == '"':
		return r.quoted()
	case c == '-' || isDigit(c):
		if n := numberLength(r.text[at:]); n > 0 {
			r.pos += n
			if c := r.peek(); !isNameByte(c) && c != '.' && c != ':' && c != '+' {
				return json.Number(r.text[at:r.pos]), nil
			}
		}
	default:
		switch word := r.word(); {
		case strings.EqualFold(word, "true"):
			return true, nil
		case strings.EqualFold(word, "false"):
			return false, nil
		case strings.EqualFold(word, "null"):
			return nil, nil
		}
	}
	r.pos = at
	return nil, r.fail(at, "expected a value%s: text and dates in double quotes, a number, true, false or null", r.insteadOfEnd())
}

// quoted reads a JSON string (RFC 8259 section 7).
func (r *reader) quoted() (string, error) {
	start := r.pos + 1
	for i := start; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.pos = i + 1
			return r.text[start:i], nil
		case c == '\\':
			return r.escaped(start, i)
		case c < ' ':
			return "", r.fail(i, `control characters must be escaped, such as \n or \u0000`)
		}
	}
	return "", r.fail(start-1, "the closing double quote is missing")
}

// escaped reads on at the first backslash of a string that begins at start.
func (r *reader) escaped(start, at int) (string, error) {
	b := append(make([]byte, 0, len(r.text)-start), r.text[start:at]...)
	for i := at; i < len(r.text); {
		switch c := r.text[i]; {
		case c == '"':
			r.pos = i + 1
			return string(b), nil
		case c == '\\':
			decoded, n := unescape(r.text[i:])
			if n == 0 {
				return "", r.fail(i, `unknown escape; JSON has \" \\ \/ \b \f \n \r \t and \u with four hexadecimal digits, two of them for a surrogate pair`)
			}
			b, i = utf8.AppendRune(b, decoded), i+n
		case c < ' ':
			return "", r.fail(i, `control characters must be escaped, such as \n or \u0000`)
		default:
			b, i = append(b, c), i+1
		}
	}
	return "", r.fail(start-1, "the closing double quote is missing")
}

// unescape decodes the escape that s begins with and returns its length, 0 if
// it is none.
func unescape(s string) (rune, int) {
	if len(s) < 2 {
		return 0, 0
	}
	if at := strings.IndexByte(`"\/bfnrt`, s[1]); at >= 0 {
		return rune("\"\\/\b\f\n\r\t"[at]), 2
	}
	first, ok := codeUnit(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(first) {
		return first, 6
	}
	second, ok := codeUnit(s[6:])
	if pair := utf16.DecodeRune(first, second); ok && pair != utf8.RuneError {
		return pair, 12
	}
	return 0, 0
}

// codeUnit decodes \uXXXX.
func codeUnit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}

// numberLength returns the length of the JSON number that s begins with, 0 if
// there is none (RFC 8259 section 6).
func numberLength(s string) int {
	i := 0
	if strings.HasPrefix(s, "-") {
		i++
	}
	whole := digits(s[i:])
	if whole == 0 || whole > 1 && s[i] == '0' {
		return 0
	}
	i += whole
	if i < len(s) && s[i] == '.' {
		fraction := digits(s[i+1:])
		if fraction == 0 {
			return 0
		}
		i += 1 + fraction
	}
	if i == len(s) || s[i]|0x20 != 'e' {
		return i
	}
	i++
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	exponent := digits(s[i:])
	if exponent == 0 {
		return 0
	}
	return i + exponent
}

func digits(s string) (n int) {
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// valueOf returns the value that a literal of a tree stands for: those that
// this package reads, and those of the library's own parser.
func valueOf(literal any) (scim.Value, bool) {
	switch l := literal.(type) {
	case nil:
		return scim.Value{}, true
	case bool:
		return scim.BoolValue(l), true
	case string:
		return scim.StringValue(l), true
	case json.Number:
		return scim.NumberValue(string(l)), l != "" && numberLength(string(l)) == len(l)
	case int:
		return scim.NumberValue(strconv.Itoa(l)), true
	case float64:
		return scim.NumberValue(strconv.FormatFloat(l, 'g', -1, 64)), !math.IsNaN(l) && !math.IsInf(l, 0)
	}
	return scim.Value{}, false
}
