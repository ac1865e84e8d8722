package model

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// MetadataQuery asks for the metadata of a user.
type MetadataQuery struct {
	Key        string // what keys are compared to; "": all
	Op         string // "equals" (default), "startsWith", "contains" or "endsWith"
	IgnoreCase bool
	From, Take int
}

// maxMetadataPage bounds the values of one page, in bytes.
const maxMetadataPage = 8 << 20

// ListMetadata returns a page of a user's metadata, in byte order of the keys, and
// the number of all that match. A page ends early where its values are larger than
// 8 MiB.
func (u *Users) ListMetadata(ctx context.Context, c provider.Call, id string, q MetadataQuery) (page []Metadata, total int, err error) {
	matches, err := q.matcher()
	if err != nil {
		return nil, 0, err
	}
	err = u.viewUser(ctx, c, id, func(s storage.Snapshot, d *storage.Document) error {
		page, total = nil, 0
		size := 0
		for _, e := range Of(query.Resource(d)).A("metadata").Elements() {
			key := e.Get("key").Text()
			if !matches(key) {
				continue
			}
			total++
			if total <= q.From || len(page) >= q.Take || size > maxMetadataPage {
				continue
			}
			m, err := metadataOf(ctx, s, d, key)
			if err != nil {
				return err
			}
			if size += len(m.Value); size <= maxMetadataPage || len(page) == 0 {
				page = append(page, m)
			}
		}
		return nil
	})
	return page, total, err
}

func (q MetadataQuery) matcher() (func(key string) bool, error) {
	fold := func(s string) string { return s }
	if q.IgnoreCase {
		fold = schema.Fold
	}
	compare, ok := map[string]func(key, with string) bool{
		"": func(key, with string) bool { return key == with }, "equals": func(key, with string) bool { return key == with },
		"startsWith": strings.HasPrefix, "contains": strings.Contains, "endsWith": strings.HasSuffix,
	}[q.Op]
	if !ok {
		return nil, scim.BadRequest(scim.InvalidValue, "op is equals, startsWith, contains or endsWith")
	}
	return func(key string) bool { return q.Key == "" || compare(fold(key), fold(q.Key)) }, nil
}

// Metadata returns the value with that key, or a 404.
func (u *Users) Metadata(ctx context.Context, c provider.Call, id, key string) (value []byte, err error) {
	err = u.viewUser(ctx, c, id, func(s storage.Snapshot, d *storage.Document) error {
		value = nil
		if _, ok := byKey(Of(query.Resource(d)))[key]; !ok {
			return noMetadata()
		}
		m, err := metadataOf(ctx, s, d, key)
		value = m.Value
		return err
	})
	return value, err
}

func noMetadata() error {
	return Refuse(http.StatusNotFound, NotFound, "the user has no metadata with that key")
}

// viewUser reads the document of a user, or fails with a 404.
func (u *Users) viewUser(ctx context.Context, c provider.Call, id string, read func(storage.Snapshot, *storage.Document) error) error {
	return u.Store.View(ctx, c.Account, func(s storage.Snapshot) error {
		found, err := s.GetMany(ctx, []string{id})
		if err != nil {
			return err
		}
		if len(found) == 0 || found[0].Type != User {
			return scim.NotFound(User, id)
		}
		return read(s, found[0])
	})
}

// ChangeMetadata sets and deletes values of a user's metadata, all of it or
// nothing. A key to be deleted must be there.
func (u *Users) ChangeMetadata(ctx context.Context, c provider.Call, id string, set []Metadata, remove []string, pre provider.Precondition) (View, error) {
	if err := checkMetadata(set, remove); err != nil {
		return View{}, err
	}
	return u.Edit(ctx, c, id, "user.metadata.changed", pre, func(_ context.Context, d *Draft) error {
		next := byKey(d.View)
		for _, key := range remove {
			if _, ok := next[key]; !ok {
				return noMetadata()
			}
			delete(next, key)
		}
		for _, m := range set {
			next[m.Key] = scim.ObjectValue(scim.Member{Name: "key", Value: scim.StringValue(m.Key)},
				scim.Member{Name: "value", Value: scim.StringValue(base64.StdEncoding.EncodeToString(m.Value))})
		}
		var elements []scim.Value
		for _, e := range next {
			elements = append(elements, e)
		}
		d.View = d.With("metadata", list(elements))
		return nil
	})
}

func checkMetadata(set []Metadata, remove []string) error {
	named := map[string]bool{}
	keys := remove
	for _, m := range set {
		keys = append(keys[:len(keys):len(keys)], m.Key)
	}
	if len(keys) == 0 {
		return scim.BadRequest(scim.InvalidValue, "nothing is to be set or deleted; name a key")
	}
	for _, key := range keys {
		if named[key] {
			return scim.BadRequest(scim.InvalidValue, "the key %q is named twice", scim.Abbreviate(key))
		}
		named[key] = true
	}
	return nil
}
