package storage

import (
	"bytes"
	"encoding/json"
)

// MaxEventData is how long the data of an event should be at most, in bytes. Engines
// do not ask: whoever writes an event leaves out what would be too much.
const MaxEventData = 16 << 10

// EventJSON writes JSON as it stands in the data of events: compact, and with no
// more escapes than JSON needs, so that it can be put into a line as it is.
func EventJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
