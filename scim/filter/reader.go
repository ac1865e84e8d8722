package filter

import (
	"strings"
	"unicode/utf8"

	"roster/scim"
)

// reader walks over the text of a filter or path. Its methods leave pos behind
// what they read, and where they are if what they look for is not there.
type reader struct {
	text  string
	pos   int
	depth int // levels of brackets that may still be opened

	what string        // what the text is, for messages
	kind scim.ScimType // of errors at this place
}

// newReader checks what can be checked before reading. Limits that are not set
// are the default ones.
func newReader(what string, kind scim.ScimType, text string, l scim.Limits) (*reader, error) {
	if l.Filter <= 0 {
		l.Filter = scim.DefaultLimits().Filter
	}
	if l.FilterDepth <= 0 {
		l.FilterDepth = scim.DefaultLimits().FilterDepth
	}
	r := &reader{text: text, depth: l.FilterDepth, what: what, kind: kind}
	if len(text) > l.Filter {
		return nil, scim.BadRequest(kind, "the %s is %d bytes long; at most %d are allowed", what, len(text), l.Filter)
	}
	if !utf8.ValidString(text) {
		return nil, scim.BadRequest(kind, "the %s is not valid UTF-8", what)
	}
	return r, nil
}

// fail returns the error for the place at.
func (r *reader) fail(at int, format string, args ...any) error {
	e := scim.BadRequest(r.kind, format, args...)
	at = 1 + utf8.RuneCountInString(r.text[:min(at, len(r.text))])
	return scim.BadRequest(r.kind, "%s, character %d: %s", r.what, at, e.Detail)
}

func (r *reader) atEnd() bool { return r.pos == len(r.text) }

// peek returns the next byte, and 0 at the end.
func (r *reader) peek() byte {
	if r.atEnd() {
		return 0
	}
	return r.text[r.pos]
}

// take reads the byte c.
func (r *reader) take(c byte) bool {
	if r.atEnd() || r.text[r.pos] != c {
		return false
	}
	r.pos++
	return true
}

// blanks skips white space and reports whether there was some. The grammar has
// one space; some clients send more, or break lines.
func (r *reader) blanks() bool {
	from := r.pos
	for !r.atEnd() && strings.IndexByte(" \t\r\n", r.text[r.pos]) >= 0 {
		r.pos++
	}
	return r.pos > from
}

// word reads letters, digits and what else names are made of.
func (r *reader) word() string {
	from := r.pos
	for !r.atEnd() && isNameByte(r.text[r.pos]) {
		r.pos++
	}
	return r.text[from:r.pos]
}

// keyword reads that word, in any case, if it comes next.
func (r *reader) keyword(word string) bool {
	at := r.pos
	r.blanks()
	if strings.EqualFold(r.word(), word) {
		return true
	}
	r.pos = at
	return false
}

// open and shut count the levels of brackets.
func (r *reader) open(bracket byte) (bool, error) {
	at := r.pos
	if !r.take(bracket) {
		return false, nil
	}
	if r.depth--; r.depth < 0 {
		return false, r.fail(at, "brackets are nested too deeply")
	}
	return true, nil
}

func (r *reader) shut(bracket byte) error {
	r.blanks()
	if !r.take(bracket) {
		return r.fail(r.pos, "expected 'and', 'or' or '%c'%s", bracket, r.insteadOfEnd())
	}
	r.depth++
	return nil
}

// insteadOfEnd says that the text ended, where it did.
func (r *reader) insteadOfEnd() string {
	if r.atEnd() {
		return ", but the " + r.what + " ends"
	}
	return ""
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// isNameByte is RFC 7643 section 2.1's nameChar, which has the `$` that RFC 7644
// forgets.
func isNameByte(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '_' || c == '-' || c == '$'
}
