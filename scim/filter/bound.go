package filter

import (
	"roster/scim"
	"roster/scim/schema"
)

// Node is a filter that is bound to a resource type: names resolved to
// attributes, literals turned into normal forms. It is And, Or, Not, *Compare or
// *ValuePath, immutable, and safe for concurrent use.
type Node interface{ bound() }

// And holds if all of its nodes do.
type And []Node

// Or holds if any of its nodes does.
type Or []Node

// Not holds if its node does not.
type Not struct{ Node Node }

// Op is a comparison of RFC 7644 table 3.
type Op uint8

// The operators.
const (
	Present Op = iota
	Equal
	NotEqual
	Contains
	StartsWith
	EndsWith
	Greater
	GreaterOrEqual
	Less
	LessOrEqual
)

// Compare compares the values of a simple attribute with a literal; any one
// value that matches is enough. A complex attribute appears with Present only:
// `emails eq "x"` is bound to emails.value.
//
// NotEqual holds if a value differs, and where there is no value at all. `eq
// null` is bound to Not(Present) and `ne null` to Present. Values of a kind that
// the attribute cannot have satisfy NotEqual and Present only.
//
// In the value path of a simple multi-valued attribute, `tags[value eq "x"]`,
// Attribute is that attribute itself, and stands for the element.
type Compare struct {
	Attribute *schema.Attribute
	Op        Op
	Value     string // normal form of the literal; for Contains, StartsWith, EndsWith that of the part
	// Literal is the literal as a value of the attribute: as it was sent, or a
	// boolean that was sent as a string; null for Present.
	Literal scim.Value
}

// ValuePath holds if one element of a multi-valued attribute, or the one value
// of a complex attribute that is not, satisfies Where, whose attributes are
// sub-attributes of it. A filter `emails[type eq "work"].value eq
// "x"`, which Microsoft Entra ID sends beyond the grammar, is bound to the
// ValuePath emails[type eq "work" and value eq "x"].
type ValuePath struct {
	Attribute *schema.Attribute
	Where     Node
}

func (And) bound()        {}
func (Or) bound()         {}
func (Not) bound()        {}
func (*Compare) bound()   {}
func (*ValuePath) bound() {}

// Path is the bound target of a PATCH operation (RFC 7644 section 3.5.2).
type Path struct {
	// Attribute is what the path names before any value filter: an attribute,
	// a sub-attribute ("name.givenName", "emails.value"), or an extension.
	Attribute *schema.Attribute
	// Where selects elements of a multi-valued Attribute, or decides about the
	// value of a complex one that is not (name[givenName eq "x"]); nil if there is
	// no value filter.
	Where Node
	// Sub is the sub-attribute behind a value filter, or nil.
	Sub *schema.Attribute
}
