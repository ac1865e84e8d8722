package schema

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"roster/scim"
)

// Normal returns the normal form of a value of the simple attribute a: bytes
// that are equal exactly if the values are equal in SCIM's sense, and whose
// order is the attribute's order. Filters compare normal forms, indexes and
// claims keep them, sorting orders by them: so all of them agree.
//
//   - Strings that are not case-exact are prepared and folded as PRECIS'
//     UsernameCaseMapped does (RFC 7644 section 5, RFC 8265 section 3.3): width
//     mapping, lower case, Unicode form C. Case-exact ones are taken as they are.
//   - Booleans are "0" and "1"; numbers compare by their exact value, dateTimes
//     by the moment they name.
//
// It is false for a value that the attribute cannot have.
func (a *Attribute) Normal(v scim.Value) (string, bool) {
	switch a.Type {
	case StringType, ReferenceType, BinaryType:
		if v.Kind() != scim.String {
			return "", false
		}
		if a.CaseExact {
			return v.Text(), true
		}
		return Fold(v.Text()), true
	case BooleanType:
		if v.Kind() != scim.Bool {
			return "", false
		}
		if v.Bool() {
			return "1", true
		}
		return "0", true
	case IntegerType, DecimalType:
		if v.Kind() != scim.Number {
			return "", false
		}
		return normalNumber(v.Text())
	case DateTimeType:
		t, ok := ParseDateTime(v)
		if !ok {
			return "", false
		}
		return normalTime(t), true
	}
	return "", false
}

// Fold prepares a string for comparison without regard to case. Beyond PRECIS,
// both small forms of sigma are the same, as their capital is.
func Fold(s string) string {
	if isLowerASCII(s) {
		return s
	}
	if isASCII(s) {
		return strings.ToLower(s)
	}
	lower := cases.Lower(language.Und, cases.HandleFinalSigma(false)).String(width.Fold.String(s))
	return norm.NFC.String(strings.ReplaceAll(lower, "ς", "σ"))
}

func isLowerASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || 'A' <= s[i] && s[i] <= 'Z' {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// dateTimeLayouts are the forms of xsd:dateTime (RFC 7643 section 2.3.5): with
// a zone, and without one, which is taken for UTC. Go accepts fractions.
var dateTimeLayouts = []string{time.RFC3339, "2006-01-02T15:04:05"}

// ParseDateTime reads a dateTime.
func ParseDateTime(v scim.Value) (time.Time, bool) {
	if v.Kind() != scim.String {
		return time.Time{}, false
	}
	for _, layout := range dateTimeLayouts {
		if t, err := time.Parse(layout, v.Text()); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func normalTime(t time.Time) string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 12), uint64(t.Unix())^1<<63)
	return string(binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond())))
}

// normalNumber writes the exact value of a JSON number so that bytes order as
// numbers do: a sign, the power of ten of the first digit, the digits without
// zeros at the end; the last two complemented below zero.
func normalNumber(literal string) (string, bool) {
	mantissa, exponent, ok := splitNumber(literal)
	if !ok {
		return "", false
	}
	negative := strings.HasPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(mantissa, "-"), ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "\x01", true
	}
	exponent += len(whole) - (len(whole) + len(fraction) - len(digits))
	digits = strings.TrimRight(digits, "0")
	b := binary.BigEndian.AppendUint32(nil, uint32(int32(exponent))^1<<31)
	b = append(append(b, digits...), 0)
	if !negative {
		return "\x02" + string(b), true
	}
	for i := range b {
		b[i] = ^b[i]
	}
	return "\x00" + string(b), true
}

// maxExponent bounds a number's power of ten; nothing real comes near it.
const maxExponent = 1 << 20

func splitNumber(literal string) (mantissa string, exponent int, ok bool) {
	at := strings.IndexAny(literal, "eE")
	if at < 0 {
		return literal, 0, len(literal) < maxExponent
	}
	digits := strings.TrimPrefix(literal[at+1:], "+")
	negative := strings.HasPrefix(digits, "-")
	for _, c := range strings.TrimPrefix(digits, "-") {
		if exponent = exponent*10 + int(c-'0'); exponent > maxExponent {
			return "", 0, false
		}
	}
	if negative {
		exponent = -exponent
	}
	return literal[:at], exponent, at < maxExponent
}

// isBase64 reports whether s is base64 with or without padding (RFC 7643
// section 2.3.6).
func isBase64(s string) bool {
	s = strings.TrimRight(s, "=")
	_, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		_, err = base64.RawURLEncoding.DecodeString(s)
	}
	return err == nil
}
