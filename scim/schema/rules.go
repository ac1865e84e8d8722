package schema

import (
	"regexp"
	"slices"
	"strings"

	"roster/scim"
)

var (
	// attributeName is RFC 7643 section 2.1's rule; "$" may also come first in a
	// sub-attribute, for "$ref". The library panics on other names.
	attributeName    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_$-]{0,127}$`)
	subAttributeName = regexp.MustCompile(`^[A-Za-z$][A-Za-z0-9_$-]{0,127}$`)

	// schemaURN takes the URNs that paths and filters can hold (RFC 7644 section
	// 3.10), also bare, and no others.
	schemaURN = regexp.MustCompile(`^(?i:urn:[a-z0-9][a-z0-9-]{1,31}(:[a-z0-9_.~$-]+)*:[a-z0-9][a-z0-9_$-]*(\.[a-z0-9][a-z0-9_$-]*)?)$`)

	// edgeKind is the name of a relation.
	edgeKind = regexp.MustCompile(`^[a-z][A-Za-z0-9-]{0,31}$`)
)

const maxURN = 256

// rule is something that a statement may break.
type rule struct {
	broken bool
	member string // to blame
	detail string
}

func (s *statement) obey(rules []rule) {
	for _, r := range rules {
		if r.broken {
			s.fault(r.member, "%s", r.detail)
		}
	}
}

// check holds a schema and its attributes to what can be said of them without
// the other definitions.
func (st *schemaStatement) check() {
	if st.node.kind != scim.Object {
		return
	}
	st.obey([]rule{
		{!schemaURN.MatchString(st.ID) || len(st.ID) > maxURN, "id",
			`give the schema an id that is a URN such as urn:example:schemas:Badge: letters, digits, "-", "_" and ".", with at most one "." behind the last colon`},
		{len(st.Attributes) == 0, "attributes", "the schema has no attributes; define some"},
	})
	checkNames(st.Attributes)
	for _, a := range st.Attributes {
		a.check(nil)
	}
}

// checkNames finds names that come twice in any case (RFC 7643 section 2.1).
func checkNames(attributes []*attributeStatement) {
	seen := map[string]bool{}
	for _, a := range attributes {
		if key := strings.ToLower(a.Name); key != "" && seen[key] {
			a.fault("name", "the name appears twice, in whatever case; rename or remove one of them")
		} else {
			seen[key] = true
		}
	}
}

// check holds an attribute in the complex one, nil if there is none, to RFC 7643
// sections 2 and 7, and its notes to what the server can do.
func (st *attributeStatement) check(in *attributeStatement) {
	if st.node.kind != scim.Object {
		return
	}
	st.obey(st.shape(in))
	st.obey(st.characteristics(in))
	st.obey(st.notes(in))
	if st.Notes.Edge != "" || st.Notes.Derived != "" || st.Notes.Exists {
		st.obey(st.reference(in))
	}
	checkNames(st.SubAttributes)
	for _, sub := range st.SubAttributes {
		sub.check(st)
	}
}

func (st *attributeStatement) shape(in *attributeStatement) []rule {
	complex := st.Type == ComplexType
	return []rule{
		{in == nil && !attributeName.MatchString(st.Name) || in != nil && !subAttributeName.MatchString(st.Name), "name",
			`the name must be a letter followed by letters, digits, "-", "_" or "$" (RFC 7643 section 2.1); a sub-attribute may begin with "$"`},
		{complex && in != nil, "type",
			"a complex attribute cannot stand inside a complex one (RFC 7643 section 2.3.8); put its parts beside it"},
		{complex && in == nil && len(st.SubAttributes) == 0, "subAttributes", "a complex attribute needs subAttributes"},
		{!complex && st.node.get("subAttributes") != nil, "subAttributes",
			`only a complex attribute has subAttributes; write "type": "complex"`},
		{st.Type != StringType && len(st.CanonicalValues) > 0, "canonicalValues", "only a string has canonicalValues; leave them out"},
		{st.Type != ReferenceType && len(st.ReferenceTypes) > 0, "referenceTypes",
			`only a reference has referenceTypes (RFC 7643 section 7); write "type": "reference" or leave them out`},
	}
}

func (st *attributeStatement) characteristics(in *attributeStatement) []rule {
	unique := st.Uniqueness != NotUnique
	list := st.MultiValued || in != nil && in.MultiValued
	return []rule{
		{unique && !slices.Contains([]Type{StringType, IntegerType, DecimalType, ReferenceType}, st.Type), "uniqueness",
			"a value of this type has no uniqueness (RFC 7643 section 2.3); leave it out"},
		{unique && list, "uniqueness", "values of a multi-valued attribute cannot be held unique; leave it out"},
		{st.Mutability == WriteOnly && st.Returned != Never, "mutability",
			`what is writeOnly is not returned (RFC 7643 section 7); write "returned": "never" too`},
		{st.Required && st.Mutability == ReadOnly, "required",
			"no client can set what is readOnly, so it cannot be required; leave one of the two out"},
		{in != nil && st.Name == "primary" && in.MultiValued && (st.Type != BooleanType || st.MultiValued), "type",
			"primary must be a boolean (RFC 7643 section 2.4)"},
	}
}

func (st *attributeStatement) notes(in *attributeStatement) []rule {
	n := st.Notes
	stored := in == nil || in.Notes.Edge == "" && in.Notes.Derived == ""
	return []rule{
		{n.Index && st.Type == ComplexType, "roster", "a complex attribute has no values to index; index its sub-attributes"},
		{n.Index && (st.Returned == Never || in != nil && in.Returned == Never), "roster",
			"an index would be of no use: what is never returned cannot be filtered or sorted by"},
		{n.Index && !stored, "roster", "the elements of edges are found without an index; leave it out"},
		{st.Uniqueness != NotUnique && !stored, "uniqueness", "values of edges cannot be held unique; leave it out"},
		{n.Secret && (st.Type != StringType || st.MultiValued || st.Mutability != WriteOnly || st.Uniqueness != NotUnique || in != nil && in.MultiValued), "roster",
			`a secret must be one string that is not unique, with "mutability": "writeOnly", and no part of a list`},
		{n.Grant && (in != nil || st.Type != StringType && (st.Type != ComplexType || st.sub("value") == nil)), "roster",
			"grant belongs to a string or to a complex attribute with the sub-attribute value"},
		{n.OptionalUniqueness && st.Uniqueness == NotUnique, "roster", `optionalUniqueness needs "uniqueness": "server"`},
	}
}

// reference are the rules for attributes whose elements name other resources.
func (st *attributeStatement) reference(in *attributeStatement) []rule {
	n := st.Notes
	linked := n.Edge != "" || n.Derived != ""
	value, ref, kind := st.sub("value"), st.sub("$ref"), st.sub("type")
	return []rule{
		{linked && (in != nil || st.Type != ComplexType || !st.MultiValued), "roster",
			"edge and derived belong to a complex, multi-valued attribute; for one reference use exists"},
		{n.Exists && (linked || in != nil || st.Type != ComplexType || st.MultiValued), "roster",
			"exists belongs to a complex attribute with one value; for a list use edge, which checks too"},
		{n.Edge != "" && n.Derived != "", "roster", "an attribute is either edge or derived; leave one of them out"},
		{n.Edge != "" && !edgeKind.MatchString(n.Edge), "roster", "edge is the name of a relation: a lower-case letter, then letters, digits and -"},
		{value == nil || value.Type != StringType || value.MultiValued || !value.CaseExact, "roster",
			`it needs a sub-attribute value with "caseExact": true, for the id of the other resource`},
		{ref == nil || ref.Type != ReferenceType || ref.MultiValued || len(ref.ReferenceTypes) == 0 || ref.Mutability != ReadOnly && (n.Edge == "" || ref.Mutability != Immutable), "roster",
			`it needs a sub-attribute $ref with "type": "reference" and "mutability": "readOnly", because the server fills it in, and referenceTypes that name resource types`},
		{n.Edge == "" && ref != nil && len(ref.ReferenceTypes) > 1, "roster", "its $ref must name one resource type only"},
		{linked && (kind == nil || kind.Type != StringType || kind.MultiValued), "roster",
			"it needs a sub-attribute type, a string, which the server fills in"},
		{n.Edge != "" && (st.Mutability != ReadWrite || st.Returned == Never), "roster", "edges can be changed and seen; leave mutability and returned as they are by default"},
		{n.Derived != "" && (st.Mutability != ReadOnly || st.Required || st.sub("display") == nil), "roster",
			`a derived attribute must be "mutability": "readOnly", not required, and have the sub-attribute display`},
	}
}

func (st *attributeStatement) sub(name string) *attributeStatement {
	for _, s := range st.SubAttributes {
		if s.Name == name {
			return s
		}
	}
	return nil
}
