package events

import (
	"bytes"
	"encoding/json"
	"strings"
)

const (
	maxRecord = 16 << 10 // bytes of an event's data
	maxText   = 256      // bytes of a text that tells whose and which the request was
)

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
	data, err := marshal(r)
	if err != nil || len(data) <= maxRecord {
		return data, err
	}
	frame := r
	frame.Changes, frame.Truncated = []Change{{}}, true
	r.Changes, r.Truncated = fit(r.Changes, maxRecord-size(frame)), true
	return marshal(r)
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
	data, _ := marshal(v)
	return len(data)
}

// marshal writes compact JSON, with no more escapes than JSON needs: the data is
// for no web page as it is.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// clip cuts a text that came from outside.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "")
}
