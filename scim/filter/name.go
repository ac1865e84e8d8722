package filter

import (
	"strings"

	parser "github.com/scim2/filter-parser/v2"

	"roster/scim"
)

// ParseAttributePath reads the name of an attribute in the notation of RFC 7644
// section 3.10, as in `attributes` and `sortBy`. Errors are 400 invalidValue.
func ParseAttributePath(text string) (parser.AttributePath, error) {
	r, err := newReader("attribute name", scim.InvalidValue, text, scim.Limits{})
	if err != nil {
		return parser.AttributePath{}, err
	}
	path, err := r.attributePath()
	if err == nil && !r.atEnd() {
		err = r.fail(r.pos, "expected the end of the attribute name")
	}
	if err != nil {
		return parser.AttributePath{}, err
	}
	return path, nil
}

// attributePath reads attrPath. The URN ends at the last colon, so a bare URN
// comes out as a URN and a name, and so does one with a dot behind it; only
// binding, which knows the URNs, can tell. Two dots are beyond doubt: then the
// first is such a dot.
func (r *reader) attributePath() (parser.AttributePath, error) {
	start := r.pos
	for !r.atEnd() && isPathByte(r.text[r.pos]) {
		r.pos++
	}
	text := r.text[start:r.pos]
	colon := strings.LastIndexByte(text, ':')
	name, sub, dotted := strings.Cut(text[colon+1:], ".")
	if first, rest, ok := strings.Cut(sub, "."); ok && colon > 0 {
		colon += 1 + len(name)
		name, sub = first, rest
	}
	if colon == 0 || !isName(name, colon > 0) || dotted && !isName(sub, colon > 0) {
		r.pos = start
		return parser.AttributePath{}, r.fail(start, "expected the name of an attribute%s", r.insteadOfEnd())
	}
	path := parser.AttributePath{AttributeName: name}
	if colon > 0 {
		uri := text[:colon]
		path.URIPrefix = &uri
	}
	if dotted {
		second := sub // allocated only here
		path.SubAttribute = &second
	}
	return path, nil
}

// isPathByte covers names, dots, and what URNs of schemas are made of.
func isPathByte(c byte) bool {
	return isNameByte(c) || c == '.' || c == ':' || c == '~'
}

// isName checks ATTRNAME. Behind a URN it may begin with a digit, for it may be
// the end of an extension's URN such as "urn:example:hr:2.0".
func isName(s string, behindURN bool) bool {
	if s == "" || s[0] == '-' || s[0] == '_' || isDigit(s[0]) && !behindURN {
		return false
	}
	for i := range len(s) {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return true
}
