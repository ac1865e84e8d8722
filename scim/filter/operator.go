package filter

import (
	"strings"

	parser "github.com/scim2/filter-parser/v2"
)

// operators are those of RFC 7644 table 3, at the places of their Op.
var operators = [...]parser.CompareOperator{
	Present:        parser.PR,
	Equal:          parser.EQ,
	NotEqual:       parser.NE,
	Contains:       parser.CO,
	StartsWith:     parser.SW,
	EndsWith:       parser.EW,
	Greater:        parser.GT,
	GreaterOrEqual: parser.GE,
	Less:           parser.LT,
	LessOrEqual:    parser.LE,
}

// String returns the operator as filters write it.
func (o Op) String() string {
	if int(o) >= len(operators) {
		return "unknown"
	}
	return string(operators[o])
}

// operatorOf finds an operator in any case.
func operatorOf[S ~string](word S) (Op, bool) {
	for o, name := range operators {
		if strings.EqualFold(string(word), string(name)) {
			return Op(o), true
		}
	}
	return 0, false
}
