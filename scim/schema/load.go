package schema

import (
	"github.com/elimity-com/scim/optional"
	elimity "github.com/elimity-com/scim/schema"
)

// Schema is a schema definition (RFC 7643 section 7).
type Schema struct {
	ID, Name, Description string
	// Definition is the schema in the model of the library.
	Definition elimity.Schema

	attributes []*Attribute // templates without a place: Parent and path are unset
}

// Load reads one schema definition. A characteristic that is left out has the
// default of RFC 7643 section 2.2. The error lists all Faults. What a schema must
// be beside others is said by Define.
func Load(definition []byte) (*Schema, error) {
	st, err := load(&Source{Name: "definition", Text: string(definition)})
	if err != nil {
		return nil, err
	}
	return st.compile(), nil
}

func load(source *Source) (*schemaStatement, error) {
	root, err := source.parse()
	if err != nil {
		return nil, source.unreadable(err)
	}
	var faults Faults
	st := readSchema(statement{source: source, faults: &faults, node: root})
	st.check()
	return st, faults.err()
}

// compile makes the schema of a statement without faults.
func (st *schemaStatement) compile() *Schema {
	s := &Schema{ID: st.ID, Name: st.Name, Description: st.Description}
	s.Definition = elimity.Schema{ID: st.ID, Name: optional.NewString(st.Name), Description: optional.NewString(st.Description)}
	for _, a := range st.Attributes {
		core := a.define()
		s.Definition.Attributes = append(s.Definition.Attributes, core)
		s.attributes = append(s.attributes, compile(core, a))
	}
	return s
}

// define states an attribute in the library's terms.
func (st *attributeStatement) define() elimity.CoreAttribute {
	if st.Type != ComplexType {
		return elimity.SimpleCoreAttribute(st.simple())
	}
	params := elimity.ComplexParams{Name: st.Name, Description: optional.NewString(st.Description),
		MultiValued: st.MultiValued, Required: st.Required, Mutability: mutabilities[st.Mutability](),
		Returned: returneds[st.Returned](), Uniqueness: uniquenesses[st.Uniqueness]()}
	for _, sub := range st.SubAttributes {
		params.SubAttributes = append(params.SubAttributes, sub.simple())
	}
	return elimity.ComplexCoreAttribute(params)
}

// compile takes the characteristics from the library's attribute, so that what
// we serve and apply is what the definition says, and the notes from ours.
func compile(core elimity.CoreAttribute, st *attributeStatement) *Attribute {
	a := &Attribute{
		Name: core.Name(), Type: Type(core.AttributeType()), MultiValued: core.MultiValued(),
		Required: core.Required(), CaseExact: core.CaseExact(), CanonicalValues: core.CanonicalValues(),
		Mutability: Mutability(core.Mutability()), Returned: Returned(core.Returned()),
		Uniqueness: Uniqueness(core.Uniqueness()), Description: core.Description(), Notes: st.Notes,
	}
	for _, r := range core.ReferenceTypes() {
		a.ReferenceTypes = append(a.ReferenceTypes, string(r))
	}
	for i, sub := range core.SubAttributes() {
		a.Sub = append(a.Sub, compile(sub, st.SubAttributes[i]))
	}
	return a
}

// Walk calls visit for each attribute of the schema with its path, parents first.
// The attributes have no place in a resource type.
func (s *Schema) Walk(visit func(path string, a *Attribute)) {
	for _, a := range s.attributes {
		visit(a.Name, a)
		for _, sub := range a.Sub {
			visit(a.Name+"."+sub.Name, sub)
		}
	}
}
