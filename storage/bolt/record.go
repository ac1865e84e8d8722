package bolt

import (
	"encoding/binary"
	"fmt"
	"time"

	"roster/storage"
)

// recordVersion is the first byte of a document's record.
const recordVersion = 1

// encode makes the record of a document. Type and ordinal are in its key.
func encode(d *storage.Document) []byte {
	size := 64 + len(d.Version) + len(d.ID) + len(d.Body)
	for _, c := range d.Claims {
		size += 8 + len(c.Attribute) + len(c.Value)
	}
	b := append(make([]byte, 0, size), recordVersion)
	b = binary.AppendUvarint(b, d.Revision)
	b = binary.AppendVarint(b, d.Created.UnixMilli())
	b = binary.AppendVarint(b, d.Modified.UnixMilli())
	b = appendText(appendText(b, d.Version), d.ID)
	b = binary.AppendUvarint(b, uint64(len(d.Claims)))
	for _, c := range d.Claims {
		b = appendText(b, c.Attribute)
		b = append(binary.AppendUvarint(b, uint64(len(c.Value))), c.Value...)
	}
	return append(b, d.Body...)
}

// decode reads a record. The document shares nothing with it.
func decode(typ string, ordinal uint32, record []byte) (*storage.Document, error) {
	if len(record) == 0 || record[0] != recordVersion {
		return nil, damaged(typ, ordinal)
	}
	r := reader{rest: append([]byte(nil), record[1:]...)}
	d := &storage.Document{
		Type:     typ,
		Ordinal:  uint64(ordinal),
		Revision: r.uvarint(),
		Created:  r.time(),
		Modified: r.time(),
		Version:  string(r.text()),
		ID:       string(r.text()),
	}
	d.Claims = r.claims(d.ID)
	d.Body = r.rest
	if r.failed {
		return nil, damaged(typ, ordinal)
	}
	return d, nil
}

func damaged(typ string, ordinal uint32) error {
	return fmt.Errorf("the record of document %d of type %s is damaged", ordinal, typ)
}

// reader takes values off the front of a record.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	return advance(r, n, size)
}

func (r *reader) time() time.Time {
	ms, size := binary.Varint(r.rest)
	return time.UnixMilli(advance(r, ms, size)).UTC()
}

func advance[N uint64 | int64](r *reader, n N, size int) N {
	if size <= 0 {
		r.failed, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// text returns a part of the reader's bytes, which cannot grow over what follows.
func (r *reader) text() []byte {
	text, rest, ok := cutText(r.rest)
	if !ok {
		r.failed, r.rest = true, nil
		return nil
	}
	r.rest = rest
	return text[:len(text):len(text)]
}

func (r *reader) claims(id string) []storage.Claim {
	n := r.uvarint()
	if n == 0 || n > uint64(len(r.rest)) {
		r.failed = r.failed || n != 0
		return nil
	}
	claims := make([]storage.Claim, n)
	for i := range claims {
		claims[i] = storage.Claim{Attribute: string(r.text()), Value: r.text(), ID: id}
	}
	return claims
}
