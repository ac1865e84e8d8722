package filter

import (
	"strings"

	"roster/scim/schema"
)

// String returns the filter with paths of attributes and without values, which
// may be personal: `(userName eq ? and emails[type eq ?])`.
func (n And) String() string        { return describe(n, nil) }
func (n Or) String() string         { return describe(n, nil) }
func (n Not) String() string        { return describe(n, nil) }
func (c *Compare) String() string   { return describe(c, nil) }
func (v *ValuePath) String() string { return describe(v, nil) }

// String returns the path without the values of its filter.
func (p Path) String() string {
	s := p.Attribute.Path()
	if p.Where != nil {
		s += "[" + describe(p.Where, p.Attribute) + "]"
	}
	if p.Sub != nil {
		s += "." + p.Sub.Name
	}
	return s
}

// describe writes a node inside the brackets behind in, nil for none.
func describe(n Node, in *schema.Attribute) string {
	switch n := n.(type) {
	case And:
		return describeAll(n, in, " and ")
	case Or:
		return describeAll(n, in, " or ")
	case Not:
		return "not (" + describe(n.Node, in) + ")"
	case *Compare:
		s := nameInside(n.Attribute, in) + " " + n.Op.String()
		if n.Op != Present {
			s += " ?"
		}
		return s
	case *ValuePath:
		return nameInside(n.Attribute, in) + "[" + describe(n.Where, n.Attribute) + "]"
	}
	return ""
}

func describeAll(nodes []Node, in *schema.Attribute, word string) string {
	texts := make([]string, len(nodes))
	for i, n := range nodes {
		texts[i] = describe(n, in)
	}
	return "(" + strings.Join(texts, word) + ")"
}

// nameInside returns the name of a inside the brackets behind in.
func nameInside(a, in *schema.Attribute) string {
	if a == in {
		return "value"
	}
	if in == nil {
		return a.Path()
	}
	return strings.TrimLeft(strings.TrimPrefix(a.Path(), in.Path()), ".:")
}
