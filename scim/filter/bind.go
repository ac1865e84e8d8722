package filter

import (
	"strings"

	parser "github.com/scim2/filter-parser/v2"

	"roster/scim"
	"roster/scim/schema"
)

// Bind resolves a filter against a resource type. Errors are 400 invalidFilter
// and name the attribute; for a name that no attribute has, errors.Is also finds
// schema.ErrUnknownAttribute. A name that only one of the others has is bound to
// its attribute, which a resource of type rt has no value of (RFC 7644 section
// 3.4.2.1).
func Bind(rt *schema.ResourceType, e parser.Expression, p scim.Profile, others ...*schema.ResourceType) (Node, error) {
	b := binder{rt: rt, others: others, profile: p, in: rt.Root}
	return b.bind(e)
}

// binder binds expressions whose names are relative to the attribute in: the
// root of the resource type, or what a value path is about.
type binder struct {
	rt      *schema.ResourceType
	others  []*schema.ResourceType
	profile scim.Profile
	in      *schema.Attribute
}

func refuse(format string, args ...any) error {
	return scim.BadRequest(scim.InvalidFilter, format, args...)
}

func (b binder) bind(e parser.Expression) (Node, error) {
	switch e := e.(type) {
	case *parser.LogicalExpression:
		return b.logical(e)
	case *parser.NotExpression:
		n, err := b.bind(e.Expression)
		if err != nil {
			return nil, err
		}
		return Not{n}, nil
	case *parser.AttributeExpression:
		return b.comparison(e)
	case *parser.ValuePath:
		return b.valuePath(e)
	}
	return nil, refuse("the filter is empty")
}

// logical makes one flat node of a chain of one operator.
func (b binder) logical(e *parser.LogicalExpression) (Node, error) {
	var nodes []Node
	for _, operand := range operands(e) {
		n, err := b.bind(operand)
		if err != nil {
			return nil, err
		}
		switch inner := n.(type) {
		case And:
			if e.Operator == parser.AND {
				nodes = append(nodes, inner...)
				continue
			}
		case Or:
			if e.Operator == parser.OR {
				nodes = append(nodes, inner...)
				continue
			}
		}
		nodes = append(nodes, n)
	}
	if e.Operator == parser.OR {
		return Or(nodes), nil
	}
	return And(nodes), nil
}

func (b binder) valuePath(e *parser.ValuePath) (Node, error) {
	a, err := b.attribute(e.AttributePath)
	if err != nil {
		return nil, err
	}
	where, err := b.where(a, e.ValueFilter)
	if err != nil {
		return nil, err
	}
	return &ValuePath{Attribute: a, Where: where}, nil
}

// where binds what is inside the brackets behind a.
func (b binder) where(a *schema.Attribute, e parser.Expression) (Node, error) {
	if !a.IsComplex() && !a.MultiValued {
		return nil, refuse("%s has one simple value, so that brackets cannot follow it; write %[1]s eq \"…\"", a.Path())
	}
	b.in = a
	return b.bind(e)
}

// attribute resolves a name, and refuses those that no filter may ask for: what
// is never returned must not be guessed at (RFC 7643 section 7).
func (b binder) attribute(path parser.AttributePath) (*schema.Attribute, error) {
	a, err := b.find(path)
	if err != nil {
		return nil, &unknownAttribute{scim.InvalidFilter, err}
	}
	for up := a; up != nil; up = up.Parent {
		if up.Returned == schema.Never {
			return nil, refuse("%s cannot be used in a filter, because it is never returned", up.Path())
		}
	}
	return a, nil
}

func (b binder) find(path parser.AttributePath) (*schema.Attribute, error) {
	if b.in != b.rt.Root {
		return findInside(b.in, path)
	}
	a, err := b.rt.Find(b.profile, path.URI(), path.AttributeName, path.SubAttributeName())
	for _, other := range b.others {
		if err == nil {
			break
		}
		if found, unknown := other.Find(b.profile, path.URI(), path.AttributeName, path.SubAttributeName()); unknown == nil {
			a, err = found, nil
		}
	}
	return a, err
}

// comparison binds attrExp. A complex attribute stands for its `value`, except
// where the question is whether there is one.
func (b binder) comparison(e *parser.AttributeExpression) (Node, error) {
	a, err := b.attribute(e.AttributePath)
	if err != nil {
		return nil, err
	}
	op, ok := operatorOf(e.Operator)
	if !ok {
		return nil, refuse("the operator %q is not supported", scim.Abbreviate(string(e.Operator)))
	}
	switch {
	case op == Present:
		return &Compare{Attribute: a, Op: Present}, nil
	case e.CompareValue == nil:
		return compareNull(a, op)
	}
	if a, err = b.compared(a); err != nil {
		return nil, err
	}
	if err := checkOperator(a, op); err != nil {
		return nil, err
	}
	return b.compare(a, op, e.CompareValue)
}

func compareNull(a *schema.Attribute, op Op) (Node, error) {
	present := &Compare{Attribute: a, Op: Present}
	switch op {
	case Equal:
		return Not{present}, nil
	case NotEqual:
		return present, nil
	}
	return nil, refuse("%s %s null: null can only be compared with eq and ne", a.Path(), op)
}

// compared returns the simple attribute whose values are compared if a is
// named. An element of a value path of the simple attribute a is one already.
func (b binder) compared(a *schema.Attribute) (*schema.Attribute, error) {
	if !a.IsComplex() {
		return a, nil
	}
	if value := a.SubAttribute("value"); value != nil && !value.IsComplex() && value.Returned != schema.Never {
		return value, nil
	}
	names := make([]string, len(a.Sub))
	for i, s := range a.Sub {
		names[i] = s.Name
	}
	return nil, refuse("%s is complex; compare one of its sub-attributes: %s", a.Path(), strings.Join(names, ", "))
}

func checkOperator(a *schema.Attribute, op Op) error {
	switch op {
	case Contains, StartsWith, EndsWith:
		if !a.IsString() {
			return refuse("%s is of type %s; %s compares texts", a.Path(), a.Type, op)
		}
	case Greater, GreaterOrEqual, Less, LessOrEqual:
		if a.Type == schema.BooleanType || a.Type == schema.BinaryType {
			return refuse("%s is of type %s, which has no order for %s (RFC 7644 section 3.4.2.2)", a.Path(), a.Type, op)
		}
	}
	return nil
}

func (b binder) compare(a *schema.Attribute, op Op, literal any) (Node, error) {
	v, ok := valueOf(literal)
	if ok && a.Type == schema.BooleanType && v.Kind() == scim.String && b.profile.StringBooleans {
		v = booleanOf(v)
	}
	normal, fits := a.Normal(v)
	if !ok || !fits {
		return nil, refuse("%s expects %s", a.Path(), expected[a.Type])
	}
	if a.IsPrimary() && !v.Bool() {
		return b.notPrimary(a, op), nil
	}
	return &Compare{Attribute: a, Op: op, Value: normal, Literal: v}, nil
}

// notPrimary compares `primary` with false, which it also is where it is missing
// (RFC 7643 section 2.4).
func (b binder) notPrimary(a *schema.Attribute, op Op) Node {
	primary := &Compare{Attribute: a, Op: Equal, Value: "1", Literal: scim.BoolValue(true)}
	switch {
	case op == NotEqual:
		return primary
	case b.in == a.Parent:
		return Not{primary}
	}
	return &ValuePath{Attribute: a.Parent, Where: Not{primary}}
}

// booleanOf reads "True" and "false", which Microsoft Entra ID sends.
func booleanOf(v scim.Value) scim.Value {
	switch {
	case strings.EqualFold(v.Text(), "true"):
		return scim.BoolValue(true)
	case strings.EqualFold(v.Text(), "false"):
		return scim.BoolValue(false)
	}
	return v
}

// expected says how the literals of a type are written.
var expected = map[schema.Type]string{
	schema.StringType:    "a text in double quotes",
	schema.ReferenceType: "a reference in double quotes",
	schema.BinaryType:    "base64 in double quotes",
	schema.BooleanType:   "a boolean: true or false without quotes",
	schema.IntegerType:   "an integer without quotes",
	schema.DecimalType:   "a number without quotes",
	schema.DateTimeType:  `a dateTime in double quotes, such as "2011-05-13T04:42:34Z"`,
}
