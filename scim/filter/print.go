package filter

import (
	"slices"

	parser "github.com/scim2/filter-parser/v2"
)

// Print writes a filter in canonical form: one blank, operators in lower case,
// parentheses where they are needed, strings as JSON. Parse reads the same tree
// from it.
func Print(e parser.Expression) string { return string(appendExpression(nil, e)) }

func appendExpression(dst []byte, e parser.Expression) []byte {
	switch e := e.(type) {
	case *parser.LogicalExpression:
		return appendLogical(dst, e)
	case *parser.NotExpression:
		return append(appendExpression(append(dst, "not ("...), e.Expression), ')')
	case *parser.ValuePath:
		dst = append(append(dst, e.AttributePath.String()...), '[')
		return append(appendExpression(dst, e.ValueFilter), ']')
	case *parser.AttributeExpression:
		return appendComparison(dst, e)
	}
	return dst
}

func appendComparison(dst []byte, e *parser.AttributeExpression) []byte {
	dst = append(append(dst, e.AttributePath.String()...), ' ')
	dst = append(dst, e.Operator...)
	if e.Operator == parser.PR {
		return dst
	}
	v, _ := valueOf(e.CompareValue)
	return v.AppendJSON(append(dst, ' '))
}

// appendLogical writes a chain of one operator, which is deep on its left side,
// without recursion.
func appendLogical(dst []byte, e *parser.LogicalExpression) []byte {
	for i, operand := range operands(e) {
		if i > 0 {
			dst = append(append(append(dst, ' '), e.Operator...), ' ')
		}
		inner, ok := operand.(*parser.LogicalExpression)
		if ok && (inner.Operator == e.Operator || e.Operator == parser.AND) {
			dst = append(appendExpression(append(dst, '('), operand), ')')
		} else {
			dst = appendExpression(dst, operand)
		}
	}
	return dst
}

// operands returns a, b and c of ((a and b) and c).
func operands(e *parser.LogicalExpression) (list []parser.Expression) {
	for {
		list = append(list, e.Right)
		left, ok := e.Left.(*parser.LogicalExpression)
		if !ok || left.Operator != e.Operator {
			list = append(list, e.Left)
			slices.Reverse(list)
			return list
		}
		e = left
	}
}
