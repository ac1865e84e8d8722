package filter

import (
	"strings"

	parser "github.com/scim2/filter-parser/v2"

	"roster/scim"
)

// Parse reads a filter. Of the limits it heeds Filter and FilterDepth. Errors
// are 400 invalidFilter.
//
// Strings of the tree are decoded, numbers are json.Number, operators are in
// lower case, names as they were sent. `emails[type eq "work"].value eq "x"`
// comes out as `emails[type eq "work" and value eq "x"]`.
func Parse(text string, l scim.Limits) (parser.Expression, error) {
	r, err := newReader("filter", scim.InvalidFilter, text, l)
	if err != nil {
		return nil, err
	}
	e, err := r.disjunction()
	if err != nil {
		return nil, err
	}
	if r.blanks(); !r.atEnd() {
		return nil, r.fail(r.pos, "expected 'and', 'or' or the end of the filter")
	}
	return e, nil
}

// ParsePath reads the path of a PATCH operation, with the limits of Parse.
// Errors are 400 invalidPath, and invalidFilter for what is inside brackets.
func ParsePath(text string, l scim.Limits) (parser.Path, error) {
	r, err := newReader("path", scim.InvalidPath, text, l)
	if err != nil {
		return parser.Path{}, err
	}
	r.blanks()
	path, err := r.path()
	if err != nil {
		return parser.Path{}, err
	}
	if r.blanks(); !r.atEnd() {
		return parser.Path{}, r.fail(r.pos, "expected the end of the path")
	}
	return path, nil
}

func (r *reader) path() (path parser.Path, err error) {
	if path.AttributePath, err = r.attributePath(); err != nil {
		return path, err
	}
	outside := r.kind
	r.kind = scim.InvalidFilter
	if path.ValueExpression, err = r.valueFilter(); err != nil {
		return path, err
	}
	r.kind = outside
	if path.ValueExpression != nil {
		path.SubAttribute, err = r.subAttribute()
	}
	return path, err
}

func (r *reader) disjunction() (parser.Expression, error) {
	left, err := r.conjunction()
	for err == nil && r.keyword("or") {
		var right parser.Expression
		right, err = r.conjunction()
		left = &parser.LogicalExpression{Left: left, Right: right, Operator: parser.OR}
	}
	return left, err
}

func (r *reader) conjunction() (parser.Expression, error) {
	left, err := r.operand()
	for err == nil && r.keyword("and") {
		var right parser.Expression
		right, err = r.operand()
		left = &parser.LogicalExpression{Left: left, Right: right, Operator: parser.AND}
	}
	return left, err
}

func (r *reader) operand() (parser.Expression, error) {
	r.blanks()
	if r.peek() == '(' {
		return r.group()
	}
	if r.negation() {
		e, err := r.group()
		return &parser.NotExpression{Expression: e}, err
	}
	return r.comparison()
}

// negation reads `not` if a parenthesis follows; else it is a name.
func (r *reader) negation() bool {
	at := r.pos
	if r.keyword("not") {
		if r.blanks(); r.peek() == '(' {
			return true
		}
	}
	r.pos = at
	return false
}

func (r *reader) group() (parser.Expression, error) {
	if _, err := r.open('('); err != nil {
		return nil, err
	}
	e, err := r.disjunction()
	if err != nil {
		return nil, err
	}
	return e, r.shut(')')
}

// comparison reads attrExp or valuePath.
func (r *reader) comparison() (parser.Expression, error) {
	path, err := r.attributePath()
	if err != nil {
		return nil, err
	}
	where, err := r.valueFilter()
	if err != nil {
		return nil, err
	}
	if where == nil {
		return r.comparisonOf(path)
	}
	sub, err := r.subAttribute()
	if sub != nil {
		var compare parser.Expression
		compare, err = r.comparisonOf(parser.AttributePath{AttributeName: *sub})
		where = &parser.LogicalExpression{Left: where, Right: compare, Operator: parser.AND}
	}
	return &parser.ValuePath{AttributePath: path, ValueFilter: where}, err
}

// valueFilter reads "[" valFilter "]", and nil if there is no bracket.
func (r *reader) valueFilter() (parser.Expression, error) {
	at := r.pos
	r.blanks()
	if opened, err := r.open('['); !opened {
		r.pos = at
		return nil, err
	}
	e, err := r.disjunction()
	if err != nil {
		return nil, err
	}
	return e, r.shut(']')
}

// subAttribute reads the dot and name behind a bracket, and nil if there is no
// dot.
func (r *reader) subAttribute() (*string, error) {
	if !r.take('.') {
		return nil, nil
	}
	at := r.pos
	name := r.word()
	if !isName(name, false) {
		return nil, r.fail(at, "expected the name of a sub-attribute%s", r.insteadOfEnd())
	}
	return &name, nil
}

// comparisonOf reads the operator and, unless it is pr, the value.
func (r *reader) comparisonOf(path parser.AttributePath) (parser.Expression, error) {
	e := &parser.AttributeExpression{AttributePath: path}
	if !r.blanks() {
		return nil, r.fail(r.pos, "expected a blank and an operator%s", r.insteadOfEnd())
	}
	var err error
	hint := ""
	if strings.EqualFold(path.AttributeName, "not") {
		hint = "; and not needs parentheses: not (…)"
	}
	if e.Operator, err = r.operator(hint); err != nil || e.Operator == parser.PR {
		return e, err
	}
	if !r.blanks() {
		return nil, r.fail(r.pos, "expected a blank and a value%s", r.insteadOfEnd())
	}
	e.CompareValue, err = r.literal()
	return e, err
}

func (r *reader) operator(hint string) (parser.CompareOperator, error) {
	at := r.pos
	word := r.word()
	if op, ok := operatorOf(word); ok {
		return operators[op], nil
	}
	if word == "" {
		return "", r.fail(at, "expected an operator%s: eq, ne, co, sw, ew, gt, ge, lt, le or pr", r.insteadOfEnd())
	}
	return "", r.fail(at, "the operator %q is not supported; there are eq, ne, co, sw, ew, gt, ge, lt, le and pr%s", scim.Abbreviate(word), hint)
}
