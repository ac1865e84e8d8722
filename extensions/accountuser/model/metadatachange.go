package model

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// metadataChange is a change of the metadata of a user.
type metadataChange struct {
	ctx      context.Context
	snapshot storage.Snapshot
	*provider.Change
	before map[string]scim.Value
	size   int // of all values; -1 if none changed
}

// put sets a value, unless it is null, which leaves it, or is there already.
func (m *metadataChange) put(key string, value scim.Value) error {
	before, had := m.before[key]
	switch {
	case had && (value.IsNull() || value.Equal(before.Get("value"))):
		return nil
	case key == "" || utf8.RuneCountInString(key) > maxMetadataKey || !utf8.ValidString(key): // it can come from a path
		return scim.BadRequest(scim.InvalidValue, "a key of metadata has 1 to %d characters, in UTF-8", maxMetadataKey)
	case value.IsNull():
		return scim.BadRequest(scim.InvalidValue, "metadata with the key %q needs a value", scim.Abbreviate(key))
	}
	data, err := decodeMetadata(value.Text())
	if err != nil {
		return err
	}
	old, err := m.stored(key, had)
	if err != nil || had && bytes.Equal(old, data) {
		return err
	}
	return m.write(key, data, len(data)-len(old))
}

func (m *metadataChange) delete(key string) error {
	old, err := m.stored(key, true)
	if err != nil {
		return err
	}
	return m.write(key, nil, -len(old))
}

// stored returns the value that is there.
func (m *metadataChange) stored(key string, had bool) ([]byte, error) {
	if !had {
		return nil, nil
	}
	return side(m.ctx, m.snapshot, m.ID, metadataSide(key))
}

// side reads a side record, nil if there is none.
func side(ctx context.Context, s storage.Snapshot, id, name string) ([]byte, error) {
	data, err := s.Side(ctx, id, name)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	return data, err
}

func (m *metadataChange) write(key string, data []byte, grown int) error {
	if m.size < 0 {
		text, err := side(m.ctx, m.snapshot, m.ID, sideMetadataSize)
		if err != nil {
			return err
		}
		m.size, _ = strconv.Atoi(string(text)) // none yet is 0
	}
	m.size += grown
	m.Sides = append(m.Sides, storage.Side{ID: m.ID, Name: metadataSide(key), Data: data})
	m.Rewrite = true
	return nil
}

// finish notes the size of all values, and refuses one that is too large.
func (m *metadataChange) finish() error {
	if m.size < 0 {
		return nil
	}
	if m.size > MaxMetadata {
		return scim.Errorf(http.StatusRequestEntityTooLarge, "", "the metadata of the user would have %d bytes; at most %d are allowed", m.size, MaxMetadata)
	}
	m.Sides = append(m.Sides, storage.Side{ID: m.ID, Name: sideMetadataSize, Data: strconv.AppendInt(nil, int64(m.size), 10)})
	return nil
}

// decodeMetadata reads standard base64 with padding (RFC 4648 section 4), and
// nothing like it.
func decodeMetadata(text string) ([]byte, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	switch {
	case err != nil || strings.ContainsAny(text, "\r\n"):
		return nil, scim.BadRequest(scim.InvalidValue, "a value of metadata is standard base64 with padding and without white space")
	case len(data) == 0 || len(data) > maxMetadataValue:
		return nil, scim.BadRequest(scim.InvalidValue, "a value of metadata has 1 to %d bytes", maxMetadataValue)
	}
	return data, nil
}
