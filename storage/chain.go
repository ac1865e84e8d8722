package storage

import (
	"crypto/sha256"
	"encoding/binary"
)

// Chain returns the hash of an account's log up to an event: the SHA-256 of the
// hash of the log before it, which is 32 bytes, or none before the first event,
// and of all that the event says. So an event that is altered, taken out or put
// elsewhere changes every hash behind it, and whoever noted one down elsewhere
// can tell. It does not look at e.Hash.
//
// What is hashed, integers being 8 bytes, the highest first: previous, or 32
// zero bytes; the sequence; the time in milliseconds since 1970; then type,
// subject and data, each behind its length.
func Chain(previous []byte, e *Event) []byte {
	b := make([]byte, 0, sha256.Size+5*8+len(e.Type)+len(e.Subject)+len(e.Data))
	if len(previous) == 0 {
		previous = make([]byte, sha256.Size)
	}
	b = append(b, previous...)
	b = binary.BigEndian.AppendUint64(b, e.Sequence)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Time.UnixMilli()))
	b = append(binary.BigEndian.AppendUint64(b, uint64(len(e.Type))), e.Type...)
	b = append(binary.BigEndian.AppendUint64(b, uint64(len(e.Subject))), e.Subject...)
	b = append(binary.BigEndian.AppendUint64(b, uint64(len(e.Data))), e.Data...)
	hash := sha256.Sum256(b)
	return hash[:]
}
