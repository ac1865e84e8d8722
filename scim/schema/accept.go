package schema

import (
	"strings"

	"roster/scim"
)

// Accept turns the body of a POST or PUT into a resource of the type: names in
// the schema's case, values of the right types, without readOnly attributes
// (ignored, RFC 7644 sections 3.3 and 3.5.1), unknown ones (ignored or refused,
// by profile) and unassigned ones (RFC 7643 section 2.5). It says nothing of
// what is missing: see Check. Errors are *scim.Error and name the attribute.
func (rt *ResourceType) Accept(body scim.Value, p scim.Profile) (scim.Resource, error) {
	if body.Kind() != scim.Object {
		return scim.Resource{}, scim.BadRequest(scim.InvalidSyntax, "the body must be a JSON object, not %s", body.Kind())
	}
	if !p.LooseSchemas {
		if err := rt.checkSchemas(body); err != nil {
			return scim.Resource{}, err
		}
	}
	var members, astray []scim.Member
	for name, v := range body.Members() {
		a := rt.Root.SubAttribute(name)
		if a == nil && p.LooseNames {
			if a = rt.inExtensions(name); a != nil {
				astray = append(astray, scim.Member{Name: name, Value: v})
				continue
			}
		}
		m, err := rt.Root.acceptMember(a, name, v, p)
		if err != nil {
			return scim.Resource{}, err
		}
		if !m.Value.IsNull() {
			members = append(members, m)
		}
	}
	r, err := rt.takeIn(scim.ObjectValue(members...), astray, p)
	return rt.WithSchemas(r), err
}

// takeIn puts attributes that were sent without their extension's URN where
// they belong, unless they were sent there too.
func (rt *ResourceType) takeIn(r scim.Resource, astray []scim.Member, p scim.Profile) (scim.Resource, error) {
	for _, m := range astray {
		a := rt.inExtensions(m.Name)
		accepted, err := a.Parent.acceptMember(a, m.Name, m.Value, p)
		if err != nil {
			return scim.Resource{}, err
		}
		if ext := r.Get(a.Parent.Name); ext.Get(a.Name).IsNull() && !accepted.Value.IsNull() {
			r = r.With(a.Parent.Name, ext.With(a.Name, accepted.Value))
		}
	}
	return r, nil
}

// acceptMember takes one member of an object below a; attribute is nil for a
// name that a does not know. A null value in the answer means: leave it out.
func (a *Attribute) acceptMember(attribute *Attribute, name string, v scim.Value, p scim.Profile) (scim.Member, error) {
	if attribute == nil {
		if p.IgnoreUnknown {
			return scim.Member{}, nil
		}
		return scim.Member{}, scim.BadRequest(scim.InvalidSyntax, "unknown attribute %q%s; leave it out or define it in a schema",
			scim.Abbreviate(name), within(a))
	}
	if attribute.Mutability == ReadOnly {
		return scim.Member{}, nil
	}
	accepted, err := attribute.Accept(v, p)
	if attribute.path == "schemas" {
		accepted = scim.Value{} // it follows from the attributes; see WithSchemas
	}
	return scim.Member{Name: attribute.Name, Value: distinct(accepted)}, err
}

// distinct leaves out elements that are there already: the same one twice says
// nothing (RFC 7643 section 2.4).
func distinct(list scim.Value) scim.Value {
	if list.Kind() != scim.Array || list.Len() < 2 {
		return list
	}
	seen := make(map[string]bool, list.Len())
	elements := make([]scim.Value, 0, list.Len())
	for _, e := range list.Elements() {
		if text := e.String(); !seen[text] {
			seen[text] = true
			elements = append(elements, e)
		}
	}
	return scim.ArrayValue(elements...)
}

func within(a *Attribute) string {
	if a.path == "" {
		return ""
	}
	return " in " + a.path
}

// Accept checks and normalises a value of a as a client sends it: a list for a
// multi-valued attribute. The answer is null if it means "unassigned": null, "",
// an empty list or object. ReadOnly sub-attributes are left out; the mutability
// of a itself is the caller's business.
func (a *Attribute) Accept(v scim.Value, p scim.Profile) (scim.Value, error) {
	switch {
	case v.IsUnassigned(), v.Kind() == scim.String && v.Text() == "":
		return scim.Value{}, nil
	case a.MultiValued:
		return a.acceptList(v, p)
	case v.Kind() == scim.Array && v.Len() == 1 && p.WrapValues:
		v = v.At(0)
	}
	return a.AcceptElement(v, p)
}

func (a *Attribute) acceptList(v scim.Value, p scim.Profile) (scim.Value, error) {
	if v.Kind() != scim.Array {
		if !p.WrapValues {
			return scim.Value{}, a.wrongType("a list", v)
		}
		v = scim.ArrayValue(v)
	}
	elements := make([]scim.Value, 0, v.Len())
	for _, e := range v.Elements() {
		e, err := a.AcceptElement(e, p)
		if err != nil {
			return scim.Value{}, err
		}
		if !e.IsNull() {
			elements = append(elements, e)
		}
	}
	if len(elements) == 0 {
		return scim.Value{}, nil
	}
	return scim.ArrayValue(elements...), nil
}

// AcceptElement does the same for a single value, or for one element of a
// multi-valued attribute.
func (a *Attribute) AcceptElement(v scim.Value, p scim.Profile) (scim.Value, error) {
	if v.IsUnassigned() || v.Kind() == scim.String && v.Text() == "" {
		return scim.Value{}, nil
	}
	if a.Type == ComplexType {
		return a.acceptComplex(v, p)
	}
	return a.acceptSimple(v, p)
}

func (a *Attribute) acceptComplex(v scim.Value, p scim.Profile) (scim.Value, error) {
	if value := a.SubAttribute("value"); value != nil && p.WrapValues && v.Kind() != scim.Object && v.Kind() != scim.Array {
		v = scim.ObjectValue(scim.Member{Name: "value", Value: v})
	}
	if v.Kind() != scim.Object {
		return scim.Value{}, a.wrongType("an object", v)
	}
	members := make([]scim.Member, 0, v.Len())
	for name, sub := range v.Members() {
		m, err := a.acceptMember(a.SubAttribute(name), name, sub, p)
		if err != nil {
			return scim.Value{}, err
		}
		if !m.Value.IsNull() {
			members = append(members, m)
		}
	}
	if len(members) == 0 {
		return scim.Value{}, nil
	}
	return scim.ObjectValue(members...), nil
}

func (a *Attribute) acceptSimple(v scim.Value, p scim.Profile) (scim.Value, error) {
	if a.Type == BooleanType && p.StringBooleans && v.Kind() == scim.String {
		v = booleanOf(v)
	}
	if _, ok := a.Normal(v); !ok {
		return scim.Value{}, a.wrongType(typeText[a.Type], v)
	}
	if a.Type == IntegerType && strings.ContainsAny(v.Text(), ".eE") || a.Type == BinaryType && !isBase64(v.Text()) {
		return scim.Value{}, a.wrongType(typeText[a.Type], v)
	}
	return v, nil
}

// booleanOf reads "True" and "false" in any case, and returns other strings as
// they are.
func booleanOf(v scim.Value) scim.Value {
	switch strings.ToLower(v.Text()) {
	case "true":
		return scim.BoolValue(true)
	case "false":
		return scim.BoolValue(false)
	}
	return v
}

var typeText = map[Type]string{
	StringType:    "a string",
	ReferenceType: "a string that is a URI",
	BinaryType:    "a string of base64",
	BooleanType:   "true or false",
	DecimalType:   "a number",
	IntegerType:   "a number without fraction",
	DateTimeType:  "a string such as 2011-08-01T21:32:44Z",
	ComplexType:   "an object",
}

func (a *Attribute) wrongType(want string, got scim.Value) error {
	kind := got.Kind().String()
	if strings.HasPrefix(want, kind) {
		kind = "one that is not"
	}
	return scim.BadRequest(scim.InvalidValue, "attribute %s takes %s, but the request has %s", a.Path(), want, kind)
}
