package events

import (
	"encoding/json"
	"strings"

	"roster/storage"
)

// maxText is how many bytes of a text are kept that tells whose and which the
// request was.
const maxText = 256

// record is an event's data, as JSON. Members may be added to it: who reads it
// passes over those it does not know.
type record struct {
	Actor         Actor    `json:"actor"`
	Address       string   `json:"address,omitempty"`
	CorrelationID string   `json:"correlationId,omitempty"`
	Source        string   `json:"source,omitempty"`
	Changes       []Change `json:"changes,omitempty"`
	Truncated     bool     `json:"truncated,omitempty"`
}

// encode makes the data of an event, and truncates the changes if they are too
// large for it.
func encode(r record) ([]byte, error) {
	data, err := storage.EventJSON(r)
	if err != nil || len(data) <= storage.MaxEventData {
		return data, err
	}
	frame := r
	frame.Changes, frame.Truncated = []Change{{}}, true
	r.Changes, r.Truncated = fit(r.Changes, storage.MaxEventData-size(frame)), true
	return storage.EventJSON(r)
}

// fit makes changes fit into a number of bytes of JSON: first with all their
// names, so that nothing is missing in what changed, and then with what there is
// room for of the values.
func fit(changes []Change, room int) []Change {
	var fitting []Change
	for _, c := range changes {
		n := size(c.named()) + len(",")
		if n > room {
			break
		}
		room -= n
		fitting = append(fitting, c)
	}
	for i, c := range fitting {
		fitting[i] = c.within(room)
		room -= size(fitting[i]) - size(c.named())
	}
	return fitting
}

// within is the change with as much of its values as takes that many bytes more
// than its name.
func (c Change) within(room int) Change {
	named := c.named()
	if size(c)-size(named) <= room {
		return c
	}
	room -= len(`,"added":[],"removed":[]`)
	named.Added, room = head(c.Added, room)
	named.Removed, _ = head(c.Removed, room)
	return named
}

// head is as much of the beginning of a list as there is room for.
func head(list []json.RawMessage, room int) ([]json.RawMessage, int) {
	for i, v := range list {
		n := len(v) + len(",")
		if n > room {
			return list[:i], room
		}
		room -= n
	}
	return list, room
}

// size in bytes of what was marshalled before, as a part of something larger.
func size(v any) int {
	data, _ := storage.EventJSON(v)
	return len(data)
}

// clip cuts a text that came from outside.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "")
}
