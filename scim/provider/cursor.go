package provider

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// CursorTimeout is how long a cursor is good for.
const CursorTimeout = time.Hour

// A cursor (RFC 9865) is a place in the results of one query, sealed with a key
// of the server: it keeps no state, tells nothing, cannot be made or changed by
// anyone else, and opens only for the same account, permissions and query.
// Inside stand, each as a varint: when it ends (Unix seconds), the count of the
// first request, the direction, the part plus one (0: from the start), the
// ordinal, and whether a sort value follows.

// longestKey is the longest sort value that a cursor carries, so that it fits
// into a URL. Of a longer one it carries a hash, and the id of the resource that
// has it: the walk goes on as long as that resource keeps the value.
const longestKey = 512

// Whether a sort value follows, and how.
const (
	noKey = iota
	wholeKey
	hashedKey
)

// sealer returns the cipher for cursors.
func sealer(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("cursor key: %w", err)
	}
	return cipher.NewGCM(block)
}

// binding is what a cursor is bound to.
func (w *walk) binding(types []*schema.ResourceType) []byte {
	parts := []string{string(w.call.Account), w.call.Scope, w.call.Domain, w.req.Filter, w.req.SortBy, fmt.Sprint(w.req.Descending)}
	for _, rt := range types {
		parts = append(parts, rt.Name)
	}
	return []byte(strings.Join(parts, "\x00"))
}

func (w *walk) seal(at *place, backward bool) string {
	var types []*schema.ResourceType
	for _, p := range w.parts {
		types = append(types, p.rt)
	}
	var direction uint64
	if backward {
		direction = 1
	}
	fields := []uint64{uint64(w.Now().Add(CursorTimeout).Unix()), uint64(w.req.Count), direction}
	var key []byte
	if at == nil {
		fields = append(fields, 0, 0, 0)
	} else {
		kind := uint64(noKey)
		switch {
		case len(at.Key) > longestKey:
			sum := sha256.Sum256(at.Key)
			key, kind = append(sum[:], at.id...), hashedKey
		case at.Key != nil:
			key, kind = at.Key, wholeKey
		}
		fields = append(fields, uint64(at.part)+1, at.Ordinal, kind)
	}
	plain := make([]byte, 0, 64)
	for _, f := range fields {
		plain = binary.AppendUvarint(plain, f)
	}
	plain = append(plain, key...)
	nonce := make([]byte, w.cursors.NonceSize())
	rand.Read(nonce) // never fails
	return base64.RawURLEncoding.EncodeToString(w.cursors.Seal(nonce, nonce, plain, w.binding(types)))
}

// open makes the walk go on where a cursor says; an empty one is the start.
func (w *walk) open(cursor string, types []*schema.ResourceType) error {
	if cursor == "" {
		return nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(sealed) < w.cursors.NonceSize() {
		return invalidCursor()
	}
	n := w.cursors.NonceSize()
	plain, err := w.cursors.Open(nil, sealed[:n], sealed[n:], w.binding(types))
	if err != nil {
		return invalidCursor()
	}
	r := bytes.NewReader(plain)
	var fields [6]uint64
	for i := range fields {
		if fields[i], err = binary.ReadUvarint(r); err != nil {
			return invalidCursor()
		}
	}
	switch {
	case w.Now().Unix() > int64(fields[0]):
		return scim.BadRequest(scim.ExpiredCursor, "the cursor is older than %d seconds; start again with an empty one", int(CursorTimeout.Seconds()))
	case uint64(w.req.Count) != fields[1]:
		return invalidCount()
	}
	w.backward = fields[2] == 1
	if fields[3] > 0 {
		w.from = &place{part: int(fields[3]) - 1, Position: storage.Position{Ordinal: fields[4]}}
		switch rest := plain[len(plain)-r.Len():]; fields[5] {
		case wholeKey:
			w.from.Key = rest
		case hashedKey:
			w.from.Key, w.from.id = rest[:sha256.Size], string(rest[sha256.Size:])
		}
	}
	return nil
}

// recall finds the sort value of which a cursor has only the hash.
func (w *walk) recall(ctx context.Context, s storage.Snapshot) error {
	if w.from == nil || w.from.id == "" {
		return nil
	}
	gone := scim.BadRequest(scim.ExpiredCursor, "the resource at which the page ended has changed; start again with an empty cursor")
	p := w.parts[w.from.part]
	d, err := s.Get(ctx, w.from.id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && d.Type != p.rt.Name {
		return gone
	}
	if err != nil {
		return err
	}
	key := p.query.Sort.Key(d)
	if sum := sha256.Sum256(key); !bytes.Equal(sum[:], w.from.Key) {
		return gone
	}
	w.from.Key = key
	return nil
}

func invalidCursor() error {
	return scim.BadRequest(scim.InvalidCursor, "the cursor is none of this query; send nextCursor or previousCursor with the other parameters unchanged, or an empty cursor to start")
}

func invalidCount() error {
	return scim.BadRequest(scim.InvalidCount, "count must be on every page what it was on the first")
}

// setCursors adds the cursors to a page by cursor: nextCursor unless it is the
// last page, previousCursor unless it is the first (RFC 9865 section 2).
func (w *walk) setCursors(list *List, items []item, more bool) error {
	if w.req.Cursor == nil {
		return nil
	}
	if len(items) == 0 {
		if w.backward || more {
			list.Next = w.seal(w.from, false)
			if w.backward {
				list.Next = w.seal(nil, false)
			}
		}
		return nil
	}
	first, last := &items[0].place, &items[len(items)-1].place
	if w.backward || more {
		list.Next = w.seal(last, false)
	}
	if w.backward && more || !w.backward && w.from != nil {
		list.Previous = w.seal(first, true)
	}
	return nil
}
