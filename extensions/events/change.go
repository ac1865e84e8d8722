package events

import (
	"encoding/json"
)

// Change is what became of one attribute of a resource. One that has nothing but
// its name changed too, but the value is not recorded: it is secret or too large,
// or only the order of values changed.
type Change struct {
	// Attribute is a path (RFC 7644 section 3.5.2), with the URN for attributes of
	// extensions. Attributes with one value that have sub-attributes are told by
	// those, such as "name.familyName"; those with several are told as a whole.
	Attribute string `json:"attribute"`
	// Value is the new value of an attribute that has one.
	Value json.RawMessage `json:"value,omitempty"`
	// Unassigned: an attribute that has at most one value has none any more.
	Unassigned bool `json:"unassigned,omitempty"`
	// Added and Removed are elements of an attribute that has several values. One
	// that was altered is in both. References to other resources, such as the
	// members of a group, have only their `value`, the id.
	Added   []json.RawMessage `json:"added,omitempty"`
	Removed []json.RawMessage `json:"removed,omitempty"`
}

// named is the change without what it was.
func (c Change) named() Change { return Change{Attribute: c.Attribute} }
