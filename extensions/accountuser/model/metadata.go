package model

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"

	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// Bounds of metadata.
const (
	maxMetadataKey   = 200     // characters
	maxMetadataValue = 500_000 // bytes
	// MaxMetadata bounds the values of one user together, in bytes.
	MaxMetadata = 8 << 20
)

// deriveMetadata keeps the keys of metadata in the resource, and each value in a
// side record. An element without value leaves the value as it is.
func deriveMetadata(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	m := metadataChange{ctx: ctx, snapshot: s, Change: c, before: byKey(Of(c.Before)), size: -1}
	kept := map[string]bool{}
	for _, e := range Of(c.After).A("metadata").Elements() {
		key := e.Get("key").Text()
		if kept[key] {
			return scim.BadRequest(scim.InvalidValue, "metadata has the key %q twice; a key is unique for the user", scim.Abbreviate(key))
		}
		if err := m.put(key, e.Get("value")); err != nil {
			return err
		}
		kept[key] = true
	}
	for key := range m.before {
		if !kept[key] {
			if err := m.delete(key); err != nil {
				return err
			}
		}
	}
	c.After = Of(c.After).With("metadata", keyList(kept)).Resource
	return m.finish()
}

// byKey maps the keys of a user's metadata to their elements.
func byKey(v View) map[string]scim.Value {
	m := map[string]scim.Value{}
	for _, e := range v.A("metadata").Elements() {
		m[e.Get("key").Text()] = e
	}
	return m
}

// keyList is what the resource keeps: the keys in byte order.
func keyList(keys map[string]bool) scim.Value {
	var elements []scim.Value
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		elements = append(elements, scim.ObjectValue(scim.Member{Name: "key", Value: scim.StringValue(key)}))
	}
	return list(elements)
}

// list is an array, and no value if nothing is in it.
func list(elements []scim.Value) scim.Value {
	if len(elements) == 0 {
		return scim.Value{}
	}
	return scim.ArrayValue(elements...)
}

// readMetadata puts the values to the keys.
func readMetadata(ctx context.Context, s storage.Snapshot, _ provider.Call, d *storage.Document, stored scim.Value) (scim.Value, error) {
	return stored.Map(func(_ string, e scim.Value) (scim.Value, error) {
		m, err := metadataOf(ctx, s, d, e.Get("key").Text())
		return e.With("value", scim.StringValue(base64.StdEncoding.EncodeToString(m.Value))), err
	})
}

// Metadata is a value that applications keep with a user.
type Metadata struct {
	Key   string
	Value []byte
}

func metadataOf(ctx context.Context, s storage.Snapshot, d *storage.Document, key string) (Metadata, error) {
	data, err := s.Side(ctx, d.ID, metadataSide(key))
	return Metadata{key, data}, err
}
