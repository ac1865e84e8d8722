package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

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

// document is the JSON of RFC 7643 section 7, with our notes.
type document struct {
	ID          string               `json:"id"`
	Name        string               `json:"name"`
	Description string               `json:"description"`
	Attributes  []attributeStatement `json:"attributes"`
}

type attributeStatement struct {
	Name            string               `json:"name"`
	Type            Type                 `json:"type"`
	SubAttributes   []attributeStatement `json:"subAttributes"`
	MultiValued     bool                 `json:"multiValued"`
	Description     string               `json:"description"`
	Required        bool                 `json:"required"`
	CanonicalValues []string             `json:"canonicalValues"`
	CaseExact       bool                 `json:"caseExact"`
	Mutability      Mutability           `json:"mutability"`
	Returned        Returned             `json:"returned"`
	Uniqueness      Uniqueness           `json:"uniqueness"`
	ReferenceTypes  []string             `json:"referenceTypes"`
	Notes           Notes                `json:"roster"`
}

// Load reads a schema definition. A characteristic that is left out has the
// default of RFC 7643 section 2.2. Errors name the attribute and the fault.
func Load(definition []byte) (*Schema, error) {
	var d document
	if err := json.Unmarshal(definition, &d); err != nil {
		return nil, fmt.Errorf("schema definition: %w", err)
	}
	s := &Schema{ID: d.ID, Name: d.Name, Description: d.Description}
	if !strings.HasPrefix(strings.ToLower(d.ID), "urn:") {
		return nil, fmt.Errorf("schema %q: the id must be a URN", d.ID)
	}
	s.Definition = elimity.Schema{ID: d.ID, Name: optional.NewString(d.Name), Description: optional.NewString(d.Description)}
	seen := map[string]bool{}
	for _, st := range d.Attributes {
		core, err := st.define(seen)
		if err != nil {
			return nil, fmt.Errorf("schema %s: attribute %q: %w", d.ID, st.Name, err)
		}
		s.Definition.Attributes = append(s.Definition.Attributes, core)
		s.attributes = append(s.attributes, compile(core, st))
	}
	return s, nil
}

// attributeName is RFC 7643 section 2.1's rule; "$" may also come first, for
// "$ref". The library panics on other names, so they are refused before.
var attributeName = regexp.MustCompile(`^[A-Za-z$][A-Za-z0-9_$-]*$`)

func (st *attributeStatement) check(seen map[string]bool) error {
	st.Type = or(st.Type, StringType)
	st.Mutability, st.Returned = or(st.Mutability, ReadWrite), or(st.Returned, Default)
	st.Uniqueness = or(st.Uniqueness, NotUnique)
	if st.Type == BinaryType || st.Type == ReferenceType {
		st.CaseExact = true
	}
	key := strings.ToLower(st.Name)
	switch {
	case !attributeName.MatchString(st.Name):
		return errors.New("the name must be a letter followed by letters, digits, '-', '_' or '$' (RFC 7643 section 2.1)")
	case seen[key]:
		return errors.New("the name appears twice")
	case mutabilities[st.Mutability] == nil:
		return fmt.Errorf("unknown mutability %q", st.Mutability)
	case returneds[st.Returned] == nil:
		return fmt.Errorf("unknown returned %q", st.Returned)
	case uniquenesses[st.Uniqueness] == nil:
		return fmt.Errorf("unknown uniqueness %q", st.Uniqueness)
	case (st.Type == ComplexType) != (len(st.SubAttributes) > 0):
		return errors.New("a complex attribute, and no other, has subAttributes")
	}
	seen[key] = true
	return nil
}

func (st *attributeStatement) define(seen map[string]bool) (elimity.CoreAttribute, error) {
	if err := st.check(seen); err != nil {
		return elimity.CoreAttribute{}, err
	}
	if st.Type != ComplexType {
		simple, err := st.simple()
		if err != nil || strings.HasPrefix(st.Name, "$") {
			return elimity.CoreAttribute{}, or(err, errors.New("only a sub-attribute may begin with '$'"))
		}
		return elimity.SimpleCoreAttribute(simple), nil
	}
	params := elimity.ComplexParams{Name: st.Name, Description: optional.NewString(st.Description),
		MultiValued: st.MultiValued, Required: st.Required, Mutability: mutabilities[st.Mutability](),
		Returned: returneds[st.Returned](), Uniqueness: uniquenesses[st.Uniqueness]()}
	subs := map[string]bool{}
	for i := range st.SubAttributes {
		sub := &st.SubAttributes[i]
		if err := sub.check(subs); err != nil {
			return elimity.CoreAttribute{}, fmt.Errorf("sub-attribute %q: %w", sub.Name, err)
		}
		simple, err := sub.simple()
		if err != nil {
			return elimity.CoreAttribute{}, fmt.Errorf("sub-attribute %q: %w", sub.Name, err)
		}
		params.SubAttributes = append(params.SubAttributes, simple)
	}
	return elimity.ComplexCoreAttribute(params), nil
}

// or returns the first value that is not zero.
func or[T comparable](values ...T) (zero T) {
	for _, v := range values {
		if v != zero {
			return v
		}
	}
	return zero
}

// compile takes the characteristics from the library's attribute, so that what
// we serve and apply is what the definition says, and the notes from ours.
func compile(core elimity.CoreAttribute, st attributeStatement) *Attribute {
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
