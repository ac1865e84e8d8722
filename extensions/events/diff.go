package events

import (
	"encoding/json"
	"slices"

	"roster/scim"
	"roster/scim/schema"
)

// maxValue is the size in bytes of JSON beyond which a value is not recorded.
const maxValue = 1 << 10

// Diff tells how two states of a resource differ, in the order of its schema; a
// state that is null has no attributes. It is pure. `id`, `schemas` and `meta`,
// which follow from the rest, and attributes that are kept as edges are left out.
//
// Secrets, attributes that are never returned, and those whose paths are in
// namesOnly are only named; where they are parts of the elements of a list, they
// are left out of these.
func Diff(rt *schema.ResourceType, before, after scim.Resource, namesOnly ...string) []Change {
	d := differ{namesOnly: namesOnly}
	d.compare(rt.Root, before, after)
	return d.changes
}

type differ struct {
	namesOnly []string
	changes   []Change
}

// compare goes through the sub-attributes of a complex attribute with one value.
func (d *differ) compare(parent *schema.Attribute, before, after scim.Value) {
	for _, a := range parent.Sub {
		old, now := before.Get(a.Name), after.Get(a.Name)
		switch {
		case old.Equal(now), old.IsUnassigned() && now.IsUnassigned(), followsFromOthers(a):
		case d.isSecret(a):
			d.add(Change{Attribute: a.Path()})
		case a.MultiValued:
			d.compareLists(a, old, now)
		case a.IsComplex():
			d.compare(a, old, now)
		case now.IsNull():
			d.add(Change{Attribute: a.Path(), Unassigned: true})
		default:
			d.add(Change{Attribute: a.Path(), Value: now.AppendJSON(nil)})
		}
	}
}

func followsFromOthers(a *schema.Attribute) bool {
	switch a.Path() {
	case "id", "schemas", "meta":
		return true
	}
	return a.Edge != "" || a.Derived != ""
}

// isSecret reports whether values of the attribute are kept out of the log. What
// is writeOnly, as secrets are, is never returned: no other definition is loaded.
func (d *differ) isSecret(a *schema.Attribute) bool {
	return a.Returned == schema.Never || slices.Contains(d.namesOnly, a.Path())
}

// add takes a change up, without values if one of them is too large.
func (d *differ) add(c Change) {
	isLarge := func(v json.RawMessage) bool { return len(v) > maxValue }
	if isLarge(c.Value) || slices.ContainsFunc(c.Added, isLarge) || slices.ContainsFunc(c.Removed, isLarge) {
		c = c.named()
	}
	d.changes = append(d.changes, c)
}

func (d *differ) compareLists(a *schema.Attribute, before, after scim.Value) {
	old, now := d.elements(a, before), d.elements(a, after)
	d.add(Change{Attribute: a.Path(), Added: without(now, old), Removed: without(old, now)})
}

// elements are the values of a list as they may be recorded.
func (d *differ) elements(a *schema.Attribute, list scim.Value) []string {
	texts := make([]string, 0, list.Len())
	for _, e := range list.Elements() {
		texts = append(texts, string(d.shown(a, e).AppendJSON(nil)))
	}
	return texts
}

// shown is a value without secret parts, its members in the order of the schema,
// so that equal values have equal texts.
func (d *differ) shown(a *schema.Attribute, v scim.Value) scim.Value {
	if !a.IsComplex() {
		return v
	}
	var members []scim.Member
	for _, sub := range a.Sub {
		part := v.Get(sub.Name)
		if !part.IsUnassigned() && !d.isSecret(sub) {
			members = append(members, scim.Member{Name: sub.Name, Value: d.shown(sub, part)})
		}
	}
	return scim.ObjectValue(members...)
}

// without lists the texts that another list does not have, or not as often.
func without(texts, others []string) []json.RawMessage {
	left := make(map[string]int, len(others))
	for _, t := range others {
		left[t]++
	}
	var rest []json.RawMessage
	for _, t := range texts {
		if left[t]--; left[t] < 0 {
			rest = append(rest, json.RawMessage(t))
		}
	}
	return rest
}
