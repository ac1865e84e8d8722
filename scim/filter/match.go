package filter

import (
	"strings"

	"roster/scim"
	"roster/scim/schema"
)

// Match reports whether a resource satisfies a filter. The resource may be of
// another type than the one that the filter was bound to: attributes that it
// does not have are without value (RFC 7644 section 3.4.2.1).
func Match(n Node, r scim.Resource) bool { return match(n, nil, r) }

// MatchElement reports whether a value of the attribute of, an element if that
// is multi-valued, satisfies what is inside the brackets behind it.
func MatchElement(n Node, of *schema.Attribute, element scim.Value) bool {
	return match(n, of, element)
}

// match evaluates n on v, a value of the attribute from; nil means a resource.
func match(n Node, from *schema.Attribute, v scim.Value) bool {
	switch n := n.(type) {
	case And:
		for _, operand := range n {
			if !match(operand, from, v) {
				return false
			}
		}
		return true
	case Or:
		for _, operand := range n {
			if match(operand, from, v) {
				return true
			}
		}
	case Not:
		return !match(n.Node, from, v)
	case *Compare:
		return n.match(from, v)
	case *ValuePath:
		return !eachValue(n.Attribute, from, v, func(value scim.Value) bool {
			return !match(n.Where, n.Attribute, value)
		})
	}
	return false
}

// eachValue is Values of an attribute that need not be below from: then there
// are none.
func eachValue(a, from *schema.Attribute, v scim.Value, yield func(scim.Value) bool) bool {
	top := a
	for top != nil && top != from && top.Parent != nil {
		top = top.Parent
	}
	if top == nil || from != nil && top != from {
		return true
	}
	return a.Values(top, v, yield)
}

func (c *Compare) match(from *schema.Attribute, v scim.Value) bool {
	if c.Op == NotEqual {
		return c.differs(from, v)
	}
	return !eachValue(c.Attribute, from, v, func(value scim.Value) bool { return !c.holds(value) })
}

func (c *Compare) differs(from *schema.Attribute, v scim.Value) bool {
	found := false
	same := eachValue(c.Attribute, from, v, func(value scim.Value) bool {
		if value.IsNull() {
			return true
		}
		found = true
		normal, ok := c.Attribute.Normal(value)
		return ok && normal == c.Value
	})
	return !same || !found
}

// holds compares one value.
func (c *Compare) holds(value scim.Value) bool {
	if c.Op == Present {
		return isPresent(value)
	}
	normal, ok := c.Attribute.Normal(value)
	if !ok {
		return false
	}
	switch c.Op {
	case Equal:
		return normal == c.Value
	case Contains:
		return strings.Contains(normal, c.Value)
	case StartsWith:
		return strings.HasPrefix(normal, c.Value)
	case EndsWith:
		return strings.HasSuffix(normal, c.Value)
	case Greater:
		return normal > c.Value
	case GreaterOrEqual:
		return normal >= c.Value
	case Less:
		return normal < c.Value
	case LessOrEqual:
		return normal <= c.Value
	}
	return false
}

// isPresent is table 3's pr: a value that is not empty, or a complex one with a
// node that is not.
func isPresent(v scim.Value) bool {
	switch v.Kind() {
	case scim.Null:
		return false
	case scim.String:
		return v.Text() != ""
	case scim.Array, scim.Object:
		for i := range v.Len() {
			if isPresent(v.At(i)) {
				return true
			}
		}
		return false
	}
	return true
}
