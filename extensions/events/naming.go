package events

import (
	"strings"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
)

// typeOf names the event of a change: what the extension that made it calls it,
// and else the type of the resource with a verb, such as "orgUnit.changed".
func (r *Rule) typeOf(c *provider.Change) string {
	if c.Action != "" {
		return c.Action
	}
	name := c.Type.Name
	return strings.ToLower(name[:1]) + name[1:] + "." + r.verb(c)
}

// verb is the way in the past tense, or what became of the state.
func (r *Rule) verb(c *provider.Change) string {
	switch c.Way {
	case provider.Create:
		return "created"
	case provider.Remove:
		return "removed"
	case provider.Restore:
		return "restored"
	case provider.Purge:
		return "purged"
	}
	if status := c.Type.At(r.Status); status != nil {
		return turn(textAt(status, stored(c)), textAt(status, c.After))
	}
	return changed
}

const changed = "changed"

// The states that are told of when a resource gets into them, or out of them and
// into another.
const (
	inactive = "inactive"
	locked   = "locked"
)

// turn names a change from one state to another.
func turn(before, after string) string {
	switch {
	case before == after:
		return changed
	case after == inactive:
		return "deactivated"
	case after == locked:
		return "locked"
	case before == inactive:
		return "reactivated"
	case before == locked:
		return "unlocked"
	}
	return changed
}

func textAt(a *schema.Attribute, r scim.Resource) string {
	for _, step := range a.Chain() {
		r = r.Get(step.Name)
	}
	return r.Text()
}
