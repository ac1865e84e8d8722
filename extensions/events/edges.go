package events

import (
	"encoding/json"
	"slices"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/storage"
)

// edgeChanges tells of the attributes that are kept as edges, by the ids of the
// elements that come and go. An element that is there already and is, say,
// displayed differently from now on is not listed.
func edgeChanges(c *provider.Change, namesOnly []string) []Change {
	var changes []Change
	for _, a := range c.Type.Linked() {
		var added, removed []json.RawMessage
		touched := false
		there := idsOf(c.Before.Get(a.Name))
		for _, e := range c.Edges {
			add, remove := ofKind(a, e.Add), ofKind(a, e.Remove)
			touched = touched || len(add)+len(remove) > 0
			added = append(added, references(slices.DeleteFunc(add, func(id string) bool { return there[id] }))...)
			removed = append(removed, references(remove)...)
		}
		switch {
		case !touched:
		case slices.Contains(namesOnly, a.Path()):
			changes = append(changes, Change{Attribute: a.Path()})
		default:
			changes = append(changes, Change{Attribute: a.Path(), Added: added, Removed: removed})
		}
	}
	return changes
}

// ofKind returns the other ends of those edges that are elements of the
// attribute.
func ofKind(a *schema.Attribute, edges []storage.Edge) []string {
	var ids []string
	for _, e := range edges {
		if e.Kind == a.Edge {
			ids = append(ids, e.To)
		}
	}
	return ids
}

func idsOf(list scim.Value) map[string]bool {
	ids := make(map[string]bool, list.Len())
	for _, e := range list.Elements() {
		ids[e.Get("value").Text()] = true
	}
	return ids
}

func references(ids []string) []json.RawMessage {
	elements := make([]json.RawMessage, len(ids))
	for i, id := range ids {
		elements[i] = scim.ObjectValue(scim.Member{Name: "value", Value: scim.StringValue(id)}).AppendJSON(nil)
	}
	return elements
}
