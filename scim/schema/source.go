package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"roster/scim"
)

// Source is a file with definitions.
type Source struct {
	Name string `json:"name"` // as faults name it
	Text string `json:"text"`

	shipped bool // with the server
}

// MaxSource is the size in bytes beyond which a file is refused.
const MaxSource = 1 << 20

// maxDepth bounds how deep a file may nest; definitions need seven levels.
const maxDepth = 32

// node is a JSON value that knows its place in the file.
type node struct {
	at      int // byte at which it begins
	kind    scim.Kind
	text    string // of a string
	truth   bool
	members []member // of an object; the elements of an array, without names
}

type member struct {
	at   int // byte at which the name begins
	name string
	node *node
}

// sourceError is why a file cannot be read, and where.
type sourceError struct {
	at     int
	reason string
}

func (e *sourceError) Error() string { return e.reason }

// parse reads the one JSON value of a file. Errors are *sourceError.
func (s *Source) parse() (*node, error) {
	switch {
	case len(s.Text) > MaxSource:
		return nil, &sourceError{0, fmt.Sprintf("the file is larger than %d bytes; split it", MaxSource)}
	case strings.HasPrefix(s.Text, "\uFEFF"):
		return nil, &sourceError{0, "the file begins with a byte order mark; save it as UTF-8 without one (RFC 8259 section 8.1)"}
	case strings.TrimSpace(s.Text) == "":
		return nil, &sourceError{0, "the file is empty; write a schema or a resource type, or remove it"}
	}
	// Members that appear twice are reported together with everything else.
	p := parser{s.Text, jsontext.NewDecoder(bytes.NewBufferString(s.Text), jsontext.AllowDuplicateNames(true))}
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if at := p.next(); at < len(s.Text) {
		return nil, &sourceError{at, "more follows behind the JSON value; put several definitions into an array"}
	}
	return n, nil
}

// place returns the line and the column, in characters, of a byte; both from 1.
func (s *Source) place(at int) (line, column int) {
	before := s.Text[:min(at, len(s.Text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

type parser struct {
	text    string
	decoder *jsontext.Decoder
}

// next is where the next token begins.
func (p *parser) next() int {
	at := int(p.decoder.InputOffset())
	return at + len(p.text[at:]) - len(strings.TrimLeft(p.text[at:], " \t\r\n,:"))
}

func (p *parser) token() (jsontext.Token, error) {
	token, err := p.decoder.ReadToken()
	var syntactic *jsontext.SyntacticError
	switch {
	case err == nil:
		return token, nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return token, &sourceError{len(p.text), "the JSON text ends too early"}
	case errors.As(err, &syntactic):
		return token, &sourceError{int(syntactic.ByteOffset), "this is no JSON: " + syntactic.Err.Error()}
	}
	return token, &sourceError{p.next(), err.Error()}
}

func (p *parser) value(depth int) (*node, error) {
	n := &node{at: p.next()}
	if depth > maxDepth {
		return nil, &sourceError{n.at, fmt.Sprintf("the JSON text nests deeper than %d levels", maxDepth)}
	}
	token, err := p.token()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 't', 'f':
		n.kind, n.truth = scim.Bool, token.Bool()
	case '"':
		n.kind, n.text = scim.String, token.String()
	case '0':
		n.kind = scim.Number
	case '[':
		n.kind = scim.Array
		return n, p.members(n, ']', depth)
	case '{':
		n.kind = scim.Object
		return n, p.members(n, '}', depth)
	}
	return n, nil
}

// members reads what is in an array or object, and its end.
func (p *parser) members(n *node, end jsontext.Kind, depth int) error {
	for p.decoder.PeekKind() != end {
		m := member{at: p.next()}
		if n.kind == scim.Object {
			name, err := p.token()
			if err != nil {
				return err
			}
			m.name = name.String()
		}
		var err error
		if m.node, err = p.value(depth + 1); err != nil {
			return err
		}
		n.members = append(n.members, m)
	}
	_, err := p.token()
	return err
}

// get returns the member with exactly that name, or nil.
func (n *node) get(name string) *node {
	for _, m := range n.members {
		if m.name == name {
			return m.node
		}
	}
	return nil
}
