package model_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim/provider"
)

// values reads the metadata of a user.
func (s *server) values(id string) string { return s.asked(id, "A:metadata").A("metadata").String() }

// TestTrap15Metadata: strict base64, keys that are texts and nothing else, each
// once, and bounds, on every way in.
func TestTrap15Metadata(t *testing.T) {
	s := newServer(t)
	id := s.posted(`{"userName":"ada","A":{"metadata":[{"key":"kept","value":"AAE="}]}}`).ID()
	require.True(t, s.view(id).A("metadata").IsNull(), "only on request")
	large := func(n int) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, n)) }
	for name, c := range map[string]struct {
		elements string
		status   int
		code     string
	}{
		"URL-safe":               {`{"key":"k","value":"-_-_"}`, 400, "invalidValue"},
		"no padding":             {`{"key":"k","value":"AAE"}`, 400, "invalidValue"},
		"white space":            {`{"key":"k","value":"AAE= "}`, 400, "invalidValue"},
		"line break":             {`{"key":"k","value":"AA\nE="}`, 400, "invalidValue"},
		"bits left over":         {`{"key":"k","value":"AAF="}`, 400, "invalidValue"},
		"no base64":              {`{"key":"k","value":"!"}`, 400, "invalidValue"},
		"only padding":           {`{"key":"k","value":"="}`, 400, "invalidValue"},
		"no value":               {`{"key":"k"}`, 400, "invalidValue"},
		"empty value":            {`{"key":"k","value":""}`, 400, "invalidValue"},
		"no key":                 {`{"value":"AAE="}`, 400, "invalidValue"},
		"a key twice":            {`{"key":"k","value":"AAE="},{"key":"k","value":"AAI="}`, 400, "invalidValue"},
		"a long key":             {`{"key":"` + strings.Repeat("é", 201) + `","value":"AAE="}`, 400, "invalidValue"},
		"a large value":          {`{"key":"k","value":"` + large(500_001) + `"}`, 400, "invalidValue"},
		"a key of 200":           {`{"key":"` + strings.Repeat("é", 200) + `","value":"AAE="}`, 0, ""},
		"a slash":                {`{"key":"a/b","value":"AAE="}`, 0, ""},
		"what was reserved":      {`{"key":"_bulk","value":"AAE="},{"key":"_search","value":"AAE="}`, 0, ""},
		"keys that differ":       {`{"key":"k","value":"AAE="},{"key":"K","value":"AAI="}`, 0, ""},
		"500000 bytes":           {`{"key":"k","value":"` + large(500_000) + `"}`, 0, ""},
		"what looks like a side": {`{"key":"password","value":"AAE="},{"key":"../x","value":"AAE="},{"key":"size","value":"AAE="}`, 0, ""},
	} {
		extension := `"A":{"metadata":[` + c.elements + `]}`
		for way, change := range map[string]func() error{
			"POST":        func() error { _, err := s.post(`{"userName":"x%s%s",%s}`, name, "", extension); return err },
			"PATCH add":   func() error { return s.patch(id, `{"op":"add","path":"A:metadata","value":[%s]}`, c.elements) },
			"PUT":         func() error { return s.put(id, `{"userName":"ada",%s}`, extension) },
			"PATCH other": func() error { return s.patch(id, `{"op":"replace","value":{%s}}`, extension) },
		} {
			require.NoError(t, s.put(id, `{"userName":"ada","A":{"metadata":[{"key":"kept","value":"AAE="}]}}`))
			err := change()
			if c.status == 0 {
				require.NoError(t, err, "%s %s", way, name)
				continue
			}
			require.Error(t, err, "%s %s", way, name)
			requireCode(t, err, c.status, c.code)
			require.JSONEq(t, `[{"key":"kept","value":"AAE="}]`, s.values(id), "%s %s", way, name)
		}
	}
}

// TestMetadataBySCIM: a value is set, changed and removed by its key, and what is
// the same bumps no version.
func TestMetadataBySCIM(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.posted(`{"userName":"ada","A":{"metadata":[{"key":"b","value":"AAI="},{"key":"a/1","value":"AAE="}]}}`).ID()
		require.JSONEq(t, `[{"key":"a/1","value":"AAE="},{"key":"b","value":"AAI="}]`, s.values(id))
		same := func(change error) {
			t.Helper()
			require.NoError(t, change)
			require.JSONEq(t, `[{"key":"a/1","value":"AAE="},{"key":"b","value":"AAI="}]`, s.values(id))
		}
		before := etag(s.view(id))
		same(s.patch(id, `{"op":"add","path":"A:metadata","value":[{"key":"b","value":"AAI="}]}`))
		same(s.patch(id, `{"op":"replace","path":"A:metadata[key eq \"b\"].value","value":"AAI="}`))
		same(s.put(id, `{"userName":"ada"}`))
		same(s.put(id, `{"userName":"ada","A":{"metadata":[{"key":"b"},{"key":"a/1","value":"AAE="}]}}`))
		same(s.put(id, "%s", s.asked(id, "userName", "A:metadata").String()))
		require.Equal(t, before, etag(s.view(id)))

		require.NoError(t, s.patch(id, `{"op":"replace","path":"A:metadata[key eq \"b\"].value","value":"AAM="}`))
		require.JSONEq(t, `[{"key":"a/1","value":"AAE="},{"key":"b","value":"AAM="}]`, s.values(id))
		require.NoError(t, s.patch(id, `{"op":"add","path":"A:metadata","value":[{"key":"c","value":"AAM="}]},{"op":"remove","path":"A:metadata","value":[{"key":"c"}]}`))
		require.NoError(t, s.patch(id, `{"op":"add","path":"A:metadata","value":[{"key":"c","value":"AAM="}]}`))
		require.JSONEq(t, `[{"key":"a/1","value":"AAE="},{"key":"b","value":"AAM="},{"key":"c","value":"AAM="}]`, s.values(id), "the same value under another key")
		require.NoError(t, s.patch(id, `{"op":"remove","path":"A:metadata","value":[{"key":"c"}]}`))
		require.NotEqual(t, before, etag(s.view(id)), "a value changed")
		for filter, n := range map[string]int{`A:metadata.key eq "b"`: 1, `A:metadata[key eq "b" and value eq "AAM="]`: 1, `A:metadata[key eq "b" and value eq "AAE="]`: 0} {
			_, total, err := s.Provider.Search(s.ctx, s.api, s.Type, provider.ListRequest{Filter: expand(filter)})
			require.NoError(t, err)
			require.Equal(t, n, total, filter)
		}
		require.NoError(t, s.patch(id, `{"op":"remove","path":"A:metadata[key eq \"b\"]"}`))
		require.JSONEq(t, `[{"key":"a/1","value":"AAE="}]`, s.values(id))
		require.Len(t, s.sides(id), 2, "the value and the size")
		require.NoError(t, s.patch(id, `{"op":"remove","path":"A:metadata"}`))
		require.Equal(t, "null", s.values(id))
		require.Len(t, s.sides(id), 1)
	})
}

// TestMetadataTogether: the values of one user have a bound together, whichever way
// they grow.
func TestMetadataTogether(t *testing.T) {
	s := newServer(t)
	id := s.posted(`{"userName":"ada"}`).ID()
	value := bytes.Repeat([]byte{7}, 500_000)
	put := func(key string, value []byte) error {
		_, err := s.ChangeMetadata(s.ctx, s.api, id, []model.Metadata{{Key: key, Value: value}}, nil, nil)
		return err
	}
	for i := range 16 {
		require.NoError(t, put(fmt.Sprint(i), value))
	}
	require.NoError(t, put("0", value), "nothing grows")
	require.NoError(t, put("last", value[:model.MaxMetadata-16*len(value)]))
	require.True(t, isStatus(put("more", []byte{1}), 413))
	require.NoError(t, put("0", value[:1000]))
	require.NoError(t, put("more", value[:499_000]))
	require.True(t, isStatus(put("more", value), 413))
	_, err := s.ChangeMetadata(s.ctx, s.api, id, []model.Metadata{{Key: "more", Value: value}}, []string{"last", "1"}, nil)
	require.NoError(t, err)

	page, total, err := s.ListMetadata(s.ctx, s.api, id, model.MetadataQuery{Take: 100})
	require.NoError(t, err)
	require.Equal(t, 16, total)
	require.Len(t, page, 16)
	require.NoError(t, s.delete(id))
	_, err = s.Restore(s.ctx, s.api, id, nil)
	require.NoError(t, err)
	require.NoError(t, put("x", value))
	require.True(t, isStatus(put("y", value), 413), "the size outlives the removal, too")
}

func TestListMetadata(t *testing.T) {
	s := newServer(t)
	id := s.posted(`{"userName":"ada","A":{"metadata":[{"key":"Beta","value":"AQ=="},{"key":"alpha/1","value":"Ag=="},{"key":"alpha","value":"Aw=="},{"key":"ALPHA","value":"BA=="}]}}`).ID()
	for _, c := range []struct {
		q     model.MetadataQuery
		keys  string
		total int
	}{
		{model.MetadataQuery{Take: 10}, "ALPHA Beta alpha alpha/1", 4},
		{model.MetadataQuery{Take: 2}, "ALPHA Beta", 4},
		{model.MetadataQuery{From: 3, Take: 2}, "alpha/1", 4},
		{model.MetadataQuery{From: 4, Take: 2}, "", 4},
		{model.MetadataQuery{Take: 0}, "", 4},
		{model.MetadataQuery{Key: "alpha", Take: 10}, "alpha", 1},
		{model.MetadataQuery{Key: "alpha", Op: "equals", IgnoreCase: true, Take: 10}, "ALPHA alpha", 2},
		{model.MetadataQuery{Key: "al", Op: "startsWith", Take: 10}, "alpha alpha/1", 2},
		{model.MetadataQuery{Key: "AL", Op: "startsWith", IgnoreCase: true, Take: 10}, "ALPHA alpha alpha/1", 3},
		{model.MetadataQuery{Key: "et", Op: "contains", Take: 10}, "Beta", 1},
		{model.MetadataQuery{Key: "/1", Op: "endsWith", Take: 10}, "alpha/1", 1},
		{model.MetadataQuery{Key: "x", Op: "endsWith", Take: 10}, "", 0},
	} {
		page, total, err := s.ListMetadata(s.ctx, s.api, id, c.q)
		require.NoError(t, err)
		var keys []string
		for _, m := range page {
			keys = append(keys, m.Key)
			require.Len(t, m.Value, 1)
		}
		require.Equal(t, c.keys, strings.Join(keys, " "), "%+v", c.q)
		require.Equal(t, c.total, total)
	}
	_, _, err := s.ListMetadata(s.ctx, s.api, id, model.MetadataQuery{Op: "like"})
	requireCode(t, err, 400, "invalidValue")
}

// TestChangeMetadata is all or nothing.
func TestChangeMetadata(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		id := s.posted(`{"userName":"ada","A":{"metadata":[{"key":"old","value":"AAE="},{"key":"kept","value":"AAE="}]}}`).ID()
		set := func(keys ...string) (list []model.Metadata) {
			for _, key := range keys {
				list = append(list, model.Metadata{Key: key, Value: []byte(key)})
			}
			return list
		}
		for _, c := range []struct {
			set    []model.Metadata
			remove []string
			status int
			code   string
		}{
			{nil, nil, 400, "invalidValue"},
			{set("a", "a"), nil, 400, "invalidValue"},
			{set("old"), []string{"old"}, 400, "invalidValue"},
			{nil, []string{"old", "old"}, 400, "invalidValue"},
			{set("a"), []string{"absent"}, 404, model.NotFound},
			{set("a", ""), []string{"old"}, 400, "invalidValue"},
			{set("a", "\xff"), []string{"old"}, 400, "invalidValue"},
			{[]model.Metadata{{Key: "a"}}, []string{"old"}, 400, "invalidValue"},
		} {
			_, err := s.ChangeMetadata(s.ctx, s.api, id, c.set, c.remove, nil)
			requireCode(t, err, c.status, c.code)
			require.JSONEq(t, `[{"key":"kept","value":"AAE="},{"key":"old","value":"AAE="}]`, s.values(id))
		}
		_, err := s.ChangeMetadata(s.ctx, s.api, id, set("a/b"), []string{"old"}, nil)
		require.NoError(t, err)
		value, err := s.Metadata(s.ctx, s.api, id, "a/b")
		require.NoError(t, err)
		require.Equal(t, "a/b", string(value))
		_, err = s.Metadata(s.ctx, s.api, id, "old")
		requireCode(t, err, 404, model.NotFound)
	})
}

// TestMetadataAtOnce: values that are set at the same time are all there.
func TestMetadataAtOnce(t *testing.T) {
	s := newServer(t)
	id := s.posted(`{"userName":"ada"}`).ID()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if _, err := s.ChangeMetadata(context.Background(), s.api, id, []model.Metadata{{Key: fmt.Sprint(i), Value: []byte("x")}}, nil, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	_, total, err := s.ListMetadata(s.ctx, s.api, id, model.MetadataQuery{})
	require.NoError(t, err)
	require.Equal(t, 8, total)
}
