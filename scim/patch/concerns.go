package patch

import (
	"roster/scim"
	"roster/scim/filter"
	"roster/scim/schema"
)

// Concerns says which elements of the multi-valued attribute a the operations
// can touch, by their `value`, so that a caller that keeps a hundred thousand
// elements elsewhere need not read them all. Applied to a resource that holds
// only these elements, the operations give the same error or, of these elements,
// the same outcome. If they can touch others too, or which is not sure, all is
// true. If they touch none, there are no values and all is false.
//
// The values are in the order of their first mention, each once. An error is
// one that Apply would give too.
func Concerns(rt *schema.ResourceType, ops []Op, a *schema.Attribute, p scim.Profile) (values []string, all bool, err error) {
	c := concern{attribute: a, profile: p, seen: map[string]bool{}}
	for _, op := range ops {
		if !isWithin(op.Path.Attribute, a) && !isWithin(a, op.Path.Attribute) {
			continue
		}
		if !decidable(rt, a) {
			return nil, true, nil
		}
		all, err := c.add(op)
		if err != nil {
			return nil, false, op.located(err)
		}
		if all {
			return nil, true, nil
		}
	}
	return c.values, false, nil
}

// isWithin reports whether a is b or below it.
func isWithin(a, b *schema.Attribute) bool {
	for ; a != nil; a = a.Parent {
		if a == b {
			return true
		}
	}
	return false
}

// decidable reports whether the elements of a can be edited apart from one
// another: known by an exact `value`, none of them first, and the attribute
// neither needed nor what keeps an extension in use.
func decidable(rt *schema.ResourceType, a *schema.Attribute) bool {
	value := a.SubAttribute("value")
	return a.Edge != "" && value != nil && value.CaseExact && a.SubAttribute("primary") == nil &&
		!a.Required && a.Parent == rt.Root && a.Mutability == schema.ReadWrite
}

// concern gathers values.
type concern struct {
	attribute *schema.Attribute
	profile   scim.Profile
	values    []string
	seen      map[string]bool
}

func (c *concern) mention(value string) {
	if !c.seen[value] {
		c.seen[value] = true
		c.values = append(c.values, value)
	}
}

func (c *concern) add(op Op) (all bool, err error) {
	switch {
	case op.Path.Where != nil:
		return !c.addSelected(op), nil
	case op.Path.Sub != nil, op.Kind == Replace, op.Value.IsNull() && op.Kind == Remove:
		return true, nil
	}
	sent := op.Value
	if op.Kind == Remove {
		sent = unwrap(c.attribute, sent)
	}
	return false, c.addElements(sent)
}

func (c *concern) addElements(sent scim.Value) error {
	elements, err := c.attribute.Accept(sent, c.profile)
	for _, element := range elements.Elements() {
		if value := element.Get("value"); !value.IsNull() {
			c.mention(value.Text())
		}
	}
	return err
}

// addSelected takes a value path whose filter names the values. What replaces an
// element can be another one, so its value counts too.
func (c *concern) addSelected(op Op) bool {
	named, ok := namedValues(op.Path.Where)
	if !ok || op.Kind == Replace && op.Path.Sub == nil && !clears(op.Value) {
		return false
	}
	for _, value := range named {
		c.mention(value)
	}
	return true
}

// namedValues returns the values that an element must have one of to satisfy a
// filter, and false if it may have others.
func namedValues(n filter.Node) (values []string, ok bool) {
	switch n := n.(type) {
	case *filter.Compare:
		if n.Op == filter.Equal && n.Attribute.Name == "value" {
			return []string{n.Literal.Text()}, true
		}
	case filter.And:
		for _, operand := range n {
			if values, ok := namedValues(operand); ok {
				return values, true
			}
		}
	case filter.Or:
		for _, operand := range n {
			some, ok := namedValues(operand)
			if !ok {
				return nil, false
			}
			values = append(values, some...)
		}
		return values, len(values) > 0
	}
	return nil, false
}
