package provider_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// settled is a rule that knows the way only by what was prepared.
type settled struct {
	prepared int
	fault    error
}

type wordKey struct{}

func (r *settled) Prepare(ctx context.Context, c provider.Call) (context.Context, error) {
	r.prepared++
	return context.WithValue(ctx, wordKey{}, "of "+string(c.Account)), r.fault
}

func (*settled) Derive(ctx context.Context, _ storage.Snapshot, c *provider.Change) error {
	if c.Way != provider.Remove {
		c.After = c.After.With("title", scim.StringValue(ctx.Value(wordKey{}).(string)))
	}
	return nil
}

func (*settled) Check(ctx context.Context, _ storage.Snapshot, _ *provider.Change) error {
	if ctx.Value(wordKey{}) == nil {
		return errors.New("not prepared")
	}
	return nil
}

// TestPrepare: a rule is asked for what it needs once for each change, on every way
// in, before anything is read.
func TestPrepare(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	rule := &settled{}
	f.Rules = []provider.Rule{rule}
	id := f.create(f.user, `{"userName": "ann"}`).ID
	require.Equal(t, "of a", f.get(f.user, id).Get("title").Text())
	made, err := f.Edit(ctx, f.call, f.user, "", provider.Edit{Way: provider.Create, Compute: compute(`{"userName": "bob"}`)})
	require.NoError(t, err)
	require.Equal(t, "of a", made.Get("title").Text())
	_, err = f.patch(f.user, id, `[{"op": "add", "path": "nickName", "value": "a"}]`)
	require.NoError(t, err)
	require.NoError(t, f.Delete(ctx, f.call, f.user, id, nil))
	require.Equal(t, 4, rule.prepared)

	rule.fault = errors.New("no settings")
	for _, change := range []func() error{
		func() error {
			_, err := f.Create(ctx, f.call, f.user, value(t, `{"userName": "x"}`), provider.Projection{})
			return err
		},
		func() error { return f.Delete(ctx, f.call, f.user, made.Get("id").Text(), nil) },
		func() error {
			_, err := f.Edit(ctx, f.call, f.user, "", provider.Edit{Way: provider.Create, Compute: compute(`{"userName": "x"}`)})
			return err
		},
	} {
		require.ErrorIs(t, change(), rule.fault)
	}
}

// TestSearchRemoved finds what was removed and kept, and nothing else, by the same
// filters, orders and pages.
func TestSearchRemoved(t *testing.T) {
	ctx := context.Background()
	f := newLockers(t)
	ids := map[string]string{}
	for _, name := range []string{"cid", "ann", "bob", "there"} {
		ids[name] = f.create(f.user, `{"userName": "`+name+`", "title": "Dr", "urn:example:Locker": {"notes": [{"key": "`+name+`", "text": "x"}]}}`).ID
	}
	for _, name := range []string{"bob", "ann", "cid"} {
		require.NoError(t, f.Delete(ctx, f.call, f.user, ids[name], nil))
	}
	for _, c := range []struct {
		req  provider.ListRequest
		want []string
		of   int
	}{
		{provider.ListRequest{Count: 10}, []string{"cid", "ann", "bob"}, 3},
		{provider.ListRequest{Count: 10, SortBy: "userName"}, []string{"ann", "bob", "cid"}, 3},
		{provider.ListRequest{Count: 10, SortBy: "userName", Descending: true}, []string{"cid", "bob", "ann"}, 3},
		{provider.ListRequest{Count: 1, StartIndex: 2, SortBy: "userName"}, []string{"bob"}, 3},
		{provider.ListRequest{Count: 10, SortBy: "meta.created", Descending: true}, []string{"bob", "ann", "cid"}, 3},
		{provider.ListRequest{Count: 10, Filter: `userName eq "ANN" or urn:example:Locker:notes.key eq "bob"`}, []string{"ann", "bob"}, 2},
		{provider.ListRequest{Count: 10, Filter: `not (userName sw "a") and title eq "dr"`}, []string{"cid", "bob"}, 2},
		{provider.ListRequest{Count: 10, Filter: `id eq "` + ids["ann"] + `"`}, []string{"ann"}, 1},
		{provider.ListRequest{Count: 10, Filter: `userName eq "there"`}, nil, 0},
		{provider.ListRequest{}, nil, 3},
	} {
		found, total, err := f.SearchRemoved(ctx, f.call, f.user, c.req)
		require.NoError(t, err)
		require.Equal(t, c.of, total, "%+v", c.req)
		var names []string
		for _, r := range found {
			names = append(names, r.Get("userName").Text())
			require.Equal(t, "User", r.Get("meta").Get("resourceType").Text())
		}
		require.Equal(t, c.want, names, "%+v", c.req)
	}
	f.call.Limits.Checks = 2
	_, _, err := f.SearchRemoved(ctx, f.call, f.user, provider.ListRequest{Count: 10, Filter: `userName eq "ann"`})
	require.Equal(t, scim.TooMany, refusal(t, err).Type)
}

// TestRepeatedReadOnly: a client may repeat what the server alone makes; nothing of
// it is stored.
func TestRepeatedReadOnly(t *testing.T) {
	f := newLockers(t)
	ann := f.create(f.user, `{"userName": "ann"}`)
	changed, err := f.patch(f.user, ann.ID, `[{"op": "replace", "value": {"urn:example:Locker": {"changes": 1, "greeting": "hello ann"}}},
		{"op": "replace", "path": "urn:example:Locker:greeting", "value": "hello ann"}]`)
	require.NoError(t, err)
	require.Equal(t, ann.ETag, changed.ETag)
	changed, err = f.patch(f.user, ann.ID, `[{"op": "replace", "path": "urn:example:Locker:greeting", "value": "hello ann"}, {"op": "replace", "path": "userName", "value": "bob"}]`)
	require.NoError(t, err)
	require.JSONEq(t, `{"greeting": "hello bob"}`, f.locker(changed.ID, lockerURN+":greeting").String(), "it follows the name")
	_, err = f.patch(f.user, ann.ID, `[{"op": "replace", "path": "urn:example:Locker:greeting", "value": "hello you"}]`)
	require.Equal(t, scim.Mutability, refusal(t, err).Type)
}
