// Package schema says what resources look like: definitions and characteristics
// of attributes (RFC 7643 sections 2 and 7), resource types (section 6), and
// what follows from them for any value: normal forms, input rules, required and
// immutable attributes.
//
// Definitions are read from RFC 7643 documents and kept as the types of
// github.com/elimity-com/scim/schema; this package is the only one that sees
// them. The rest of the module works with [Attribute], which is compiled from a
// definition for one resource type and knows its place.
//
// An extension is an attribute too: a complex one whose name is the URN, because
// that is what it is in the JSON of a resource. So a resource type has one root
// attribute, and everything below it is one recursive shape.
package schema

import (
	"strings"

	"roster/scim"
)

// Type is a data type of RFC 7643 section 2.3.
type Type string

// The data types.
const (
	StringType    Type = "string"
	BooleanType   Type = "boolean"
	DecimalType   Type = "decimal"
	IntegerType   Type = "integer"
	DateTimeType  Type = "dateTime"
	BinaryType    Type = "binary"
	ReferenceType Type = "reference"
	ComplexType   Type = "complex"
)

// Mutability, Returned and Uniqueness are characteristics of RFC 7643 section 7.
type (
	Mutability string
	Returned   string
	Uniqueness string
)

// The characteristics' values.
const (
	ReadWrite Mutability = "readWrite"
	ReadOnly  Mutability = "readOnly"
	Immutable Mutability = "immutable"
	WriteOnly Mutability = "writeOnly"

	Always  Returned = "always"
	Never   Returned = "never"
	Default Returned = "default"
	Request Returned = "request"

	NotUnique    Uniqueness = "none"
	ServerUnique Uniqueness = "server"
	GlobalUnique Uniqueness = "global"
)

// Attribute is an attribute, a sub-attribute, an extension, or the root of a
// resource type. It is immutable and shared.
type Attribute struct {
	Name            string
	Type            Type
	MultiValued     bool
	Required        bool
	CaseExact       bool
	Mutability      Mutability
	Returned        Returned
	Uniqueness      Uniqueness
	CanonicalValues []string
	ReferenceTypes  []string
	Description     string

	Sub    []*Attribute // of a complex attribute, in the order of the definition
	Parent *Attribute   // nil for a root
	Schema string       // URN of the schema that defines it; "" for common attributes
	Notes               // what the server does with it, beyond RFC 7643

	byName map[string]*Attribute // Sub by their names, also in lower case
	path   string
	chain  []*Attribute
	// immutableBelow: the attribute, or one in it, is immutable and no part of a
	// list.
	immutableBelow bool
}

// Notes are the annotations that a definition carries for this server, in the
// member "roster" of an attribute.
type Notes struct {
	// Index: the values are kept in order, for filters and sorting.
	Index bool `json:"index,omitempty"`
	// Edge: the elements of this multi-valued complex attribute are edges of
	// that kind, from the resource to the one that `value` names, and are not
	// stored in the resource.
	Edge string `json:"edge,omitempty"`
	// Exists: the `value` of this complex attribute with one value is the id of a
	// resource of the type that its `$ref` names, which must be there when the
	// value is set.
	Exists bool `json:"exists,omitempty"`
	// Derived: the elements are the sources of edges of that kind that lead to
	// the resource, directly or through others of them.
	Derived string `json:"derived,omitempty"`
	// Secret: only a hash is stored, beside the resource.
	Secret bool `json:"secret,omitempty"`
	// Grant: the values name what the resource may do, such as roles, and mean
	// nothing unless the server knows them.
	Grant bool `json:"grant,omitempty"`
	// Computed: an extension of the server makes the attribute when it is read, or
	// completes what is stored of it.
	Computed bool `json:"computed,omitempty"`
	// Identity: an element of the list that this sub-attribute is part of is the
	// same as another one if it is, whatever their `value` is.
	Identity bool `json:"identity,omitempty"`
	// OptionalUniqueness: the RFCs leave uniqueness open, and a profile may
	// switch it off.
	OptionalUniqueness bool `json:"optionalUniqueness,omitempty"`
	// Hidden: the server keeps the attribute for itself. For clients there is no
	// attribute of that name; SubAttribute and Find do not know it.
	Hidden bool `json:"hidden,omitempty"`
}

// SubAttribute returns the sub-attribute with that name in any case, or nil.
func (a *Attribute) SubAttribute(name string) *Attribute {
	if s, ok := a.byName[name]; ok {
		return s
	}
	return a.byName[strings.ToLower(name)]
}

// Path returns the attribute's path in standard notation (RFC 7644 section
// 3.10): "name.familyName", and with the URN for what an extension defines.
func (a *Attribute) Path() string { return a.path }

// IsExtension reports whether a stands for a whole extension.
func (a *Attribute) IsExtension() bool {
	return a.Parent != nil && a.Parent.Parent == nil && a.Schema != "" && a.Name == a.Schema
}

// IsComplex reports whether a has sub-attributes.
func (a *Attribute) IsComplex() bool { return a.Type == ComplexType }

// IsString reports whether values of a are texts that can be searched in.
func (a *Attribute) IsString() bool {
	return a.Type == StringType || a.Type == ReferenceType || a.Type == BinaryType
}

// ElementOf returns the multi-valued attribute that a is or is part of, or nil.
func (a *Attribute) ElementOf() *Attribute {
	for ; a != nil; a = a.Parent {
		if a.MultiValued {
			return a
		}
	}
	return nil
}

// IsPrimary reports whether a is the `primary` of the elements of a list (RFC
// 7643 section 2.4).
func (a *Attribute) IsPrimary() bool {
	return a.Name == "primary" && a.Type == BooleanType && a.Parent != nil && a.Parent.MultiValued
}

// Unique reports whether the server keeps values of a unique in an account.
func (a *Attribute) Unique(p scim.Profile) bool {
	return a.Uniqueness != NotUnique && a.Uniqueness != "" && !(a.OptionalUniqueness && p.DuplicateNames)
}

// Chain returns the attributes from below the root down to a; none for a root, or
// for nil. It is not to be written to.
func (a *Attribute) Chain() []*Attribute {
	if a == nil {
		return nil
	}
	return a.chain
}

// Walk calls visit for a and all below it, parents first.
func (a *Attribute) Walk(visit func(*Attribute)) {
	visit(a)
	for _, s := range a.Sub {
		s.Walk(visit)
	}
}

// Values calls yield for each value of a in v, which is a value of the attribute
// from (the root for a resource), elements of multi-valued attributes one by one,
// until yield returns false. It reports whether it got to the end.
func (a *Attribute) Values(from *Attribute, v scim.Value, yield func(scim.Value) bool) bool {
	if a != from {
		return a.Parent.Values(from, v, func(parent scim.Value) bool {
			return a.each(parent.Get(a.Name), yield)
		})
	}
	return yield(v)
}

func (a *Attribute) each(v scim.Value, yield func(scim.Value) bool) bool {
	if !a.MultiValued {
		return v.IsNull() || yield(v)
	}
	for _, e := range v.Elements() {
		if !yield(e) {
			return false
		}
	}
	return true
}
