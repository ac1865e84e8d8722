package storage

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// NewID mints an id: a version 7 UUID in its canonical lower-case text, whose
// first 48 bits are the time in milliseconds, so that ids sort by creation.
// Document.Created of a new document is IDTime of its id.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// IDTime returns the time that NewID put into an id, and false for an id that
// was made otherwise.
func IDTime(id string) (time.Time, bool) {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 || u.String() != id {
		return time.Time{}, false
	}
	var ms int64
	for _, b := range u[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms).UTC(), true
}

// IDPrefix returns the first 13 bytes of the ids that were minted at that
// millisecond: every id minted before sorts below it, every later one above.
func IDPrefix(t time.Time) string {
	ms := min(max(t.UnixMilli(), 0), 1<<48-1)
	return fmt.Sprintf("%08x-%04x", uint32(ms>>16), uint16(ms))
}
