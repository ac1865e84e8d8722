package provider_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/storage"
)

// as is the fixture for a client of a provisioning domain.
func (f *fixture) as(domain string) *fixture {
	other := *f
	other.call.Domain = domain
	return &other
}

// externalIDs lists what the domains see.
func (f *fixture) externalIDs(rt *schema.ResourceType, id string, domains ...string) string {
	seen := make([]string, len(domains))
	for i, domain := range domains {
		r, err := f.as(domain).Get(context.Background(), f.as(domain).call, rt, id, provider.Projection{})
		require.NoError(f.t, err)
		require.NotContains(f.t, string(r.JSON), "externalIds")
		seen[i] = cmp.Or(value(f.t, string(r.JSON)).Get("externalId").Text(), "-")
	}
	return strings.Join(seen, " ")
}

// TestDomainsKeepApart: each way to write an external id writes that of the
// caller's domain, and no other way does.
func TestDomainsKeepApart(t *testing.T) {
	f := newLockers(t)
	ctx := context.Background()
	id := f.as("okta").create(f.user, `{"userName":"anna","externalId":"00u1"}`).ID
	put := func(body string) func(*fixture) error {
		return func(f *fixture) error {
			_, err := f.Replace(ctx, f.call, f.user, id, value(t, body), nil, provider.Projection{})
			return err
		}
	}
	patch := func(ops string) func(*fixture) error {
		return func(f *fixture) error {
			_, err := f.patch(f.user, id, ops)
			return err
		}
	}
	bulk := func(method, data string) func(*fixture) error {
		return func(f *fixture) error {
			v, err := f.Bulk(ctx, f.call, value(t, fmt.Sprintf(`{"schemas":[%q],"Operations":[{"method":%q,"path":"/Users/%s","data":%s}]}`, scim.MessageBulkRequest, method, id, data)))
			require.Equal(t, "200", v.Get("Operations").At(0).Get("status").Text(), v)
			return err
		}
	}
	edit := func(way provider.Way, set scim.Value) func(*fixture) error {
		return func(f *fixture) error {
			r, err := f.Edit(ctx, f.call, f.user, id, provider.Edit{Way: way, Compute: func(_ context.Context, _ storage.Snapshot, _ *storage.Document, before scim.Resource) (scim.Resource, provider.Along, error) {
				require.True(t, before.Get("externalIds").IsNull())
				if way == provider.Restore {
					return before, provider.Along{}, nil
				}
				return before.With("externalId", set), provider.Along{}, nil
			}})
			require.True(t, r.Get("externalIds").IsNull())
			return err
		}
	}
	for i, row := range []struct {
		domain string
		change func(*fixture) error
		want   string // in the domains "", okta, hr
	}{
		{"okta", patch(`[{"op":"replace","path":"title","value":"x"}]`), "- 00u1 -"},
		{"", put(`{"userName":"anna","externalId":"a1"}`), "a1 00u1 -"},
		{"hr", put(`{"userName":"anna","externalId":"701984"}`), "a1 00u1 701984"},
		{"okta", put(`{"userName":"anna"}`), "a1 - 701984"},
		{"", put(`{"userName":"anna"}`), "- - 701984"},
		{"", patch(`[{"op":"add","path":"externalId","value":"a2"}]`), "a2 - 701984"},
		{"okta", patch(`[{"op":"add","value":{"externalId":"00u2"}}]`), "a2 00u2 701984"},
		{"hr", patch(`[{"op":"replace","path":"externalId","value":"2"}]`), "a2 00u2 2"},
		{"", patch(`[{"op":"remove","path":"externalId"}]`), "- 00u2 2"},
		{"okta", patch(`[{"op":"replace","path":"externalId","value":""}]`), "- - 2"},
		{"okta", bulk("PATCH", `{"Operations":[{"op":"add","path":"externalId","value":"00u3"}]}`), "- 00u3 2"},
		{"hr", bulk("PUT", `{"userName":"anna"}`), "- 00u3 -"},
		{"hr", edit(provider.Modify, scim.StringValue("3")), "- 00u3 3"},
		{"", edit(provider.Modify, scim.StringValue("a3")), "a3 00u3 3"},
		{"okta", edit(provider.Modify, scim.Value{}), "a3 - 3"},
		{"", func(f *fixture) error { return f.Delete(ctx, f.call, f.user, id, nil) }, ""},
		{"okta", edit(provider.Restore, scim.Value{}), "a3 - 3"},
		{"hr", func(f *fixture) error { return f.Delete(ctx, f.call, f.user, id, nil) }, ""},
		{"", edit(provider.Restore, scim.Value{}), "a3 - 3"},
	} {
		require.NoError(t, row.change(f.as(row.domain)), i)
		if row.want != "" {
			require.Equal(t, row.want, f.externalIDs(f.user, id, "", "okta", "hr"), i)
		}
	}
}

// TestDomainsAreRemembered: a removed resource is found by the external id of the
// caller's domain, and nothing is left of one that is purged.
func TestDomainsAreRemembered(t *testing.T) {
	f := newLockers(t)
	ctx := context.Background()
	id := f.as("okta").create(f.user, `{"userName":"anna","externalId":"00u1"}`).ID
	require.NoError(t, f.Delete(ctx, f.call, f.user, id, nil))
	for domain, want := range map[string]int{"": 0, "hr": 0, "okta": 1} {
		_, total, err := f.SearchRemoved(ctx, f.as(domain).call, f.user, provider.ListRequest{Filter: `externalId eq "00u1"`, SortBy: "externalId", Count: 1})
		require.NoError(t, err)
		require.Equal(t, want, total, domain)
	}
	_, err := f.Edit(ctx, f.call, f.user, id, provider.Edit{Way: provider.Purge})
	require.NoError(t, err)
	require.NoError(t, f.Store.View(ctx, "a", func(s storage.Snapshot) error {
		_, err := s.Get(ctx, id)
		require.ErrorIs(t, err, storage.ErrNotFound)
		return nil
	}))
}

// TestHiddenIsUnknown: for clients there is no attribute that keeps the external
// ids of others, whatever they ask.
func TestHiddenIsUnknown(t *testing.T) {
	f := newFixture(t)
	ctx := context.Background()
	f.call.Profile.IgnoreUnknown = false
	id := f.as("hr").create(f.user, `{"userName":"anna","externalId":"701984"}`).ID
	for _, name := range []string{"externalIds", "externalIds.value", scim.SchemaUser + ":externalIds"} {
		_, err := f.list(provider.ListRequest{Filter: name + ` pr`}, f.user)
		require.Contains(t, err.Error(), "unknown attribute", name)
		_, err = f.list(provider.ListRequest{SortBy: name}, f.user)
		require.Contains(t, err.Error(), "unknown attribute", name)
		_, err = f.patch(f.user, id, `[{"op":"remove","path":"`+name+`"}]`)
		require.Contains(t, err.Error(), "unknown attribute", name)
		asked, err := provider.ParseProjection(f.user, f.call.Profile, []string{name}, nil)
		require.NoError(t, err)
		r, err := f.Get(ctx, f.call, f.user, id, asked)
		require.NoError(t, err)
		require.NotContains(t, string(r.JSON), "701984", name)
	}
	for _, body := range []string{`{"userName":"b","externalIds":[{"domain":"hr","value":"1"}]}`, `{"userName":"b","EXTERNALIDS":[]}`} {
		_, err := f.Create(ctx, f.call, f.user, value(t, body), provider.Projection{})
		require.Contains(t, err.Error(), "unknown attribute", body)
		_, err = f.Replace(ctx, f.call, f.user, id, value(t, body), nil, provider.Projection{})
		require.Contains(t, err.Error(), "unknown attribute", body)
		_, err = f.patch(f.user, id, `[{"op":"add","value":`+body+`}]`)
		require.Contains(t, err.Error(), "unknown attribute", body)
	}
	f.call.Profile.IgnoreUnknown = true
	f.create(f.user, `{"userName":"b","externalIds":[{"domain":"hr","value":"1"}]}`)
	l, err := f.as("hr").list(provider.ListRequest{Filter: `externalId eq "1"`}, f.user)
	require.NoError(t, err)
	require.Zero(t, l.Total)
}

// TestChangeInADomainIsAChange: the resource has a new version, and rules learn of
// the external ids of all domains; the same once more changes nothing.
func TestChangeInADomainIsAChange(t *testing.T) {
	f := newFixture(t)
	var seen []*provider.Change
	f.Provider.Rules = []provider.Rule{watcher{&seen}}
	first := f.create(f.user, `{"userName":"anna","externalId":"a1"}`)
	var etags []string
	for range 2 {
		r, err := f.as("hr").patch(f.user, first.ID, `[{"op":"add","path":"externalId","value":"7"}]`)
		require.NoError(t, err)
		etags = append(etags, r.ETag)
	}
	require.NotEqual(t, first.ETag, etags[0])
	require.Equal(t, etags[0], etags[1])
	require.Len(t, seen, 3)
	require.True(t, seen[1].Changed)
	require.True(t, seen[1].Before.Get("externalIds").IsNull())
	require.Equal(t, "a1", seen[1].After.Get("externalId").Text())
	require.Equal(t, `[{"domain":"hr","value":"7"}]`, seen[1].After.Get("externalIds").String())
	require.False(t, seen[2].Changed)
}

// watcher notes the changes that rules check.
type watcher struct{ seen *[]*provider.Change }

func (watcher) Derive(context.Context, storage.Snapshot, *provider.Change) error { return nil }

func (w watcher) Check(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	*w.seen = append(*w.seen, c)
	return nil
}

// TestCursorOfADomain: a place in the order of one domain says nothing in another.
func TestCursorOfADomain(t *testing.T) {
	f := newFixture(t)
	for i := range 4 {
		f.as("hr").create(f.user, fmt.Sprintf(`{"userName":"u%d","externalId":"%d"}`, i, 9-i))
	}
	start := ""
	req := provider.ListRequest{SortBy: "externalId", Count: 3, Cursor: &start}
	page, err := f.as("hr").list(req, f.user)
	require.NoError(t, err)
	require.Equal(t, "6", value(t, string(page.Resources[0].JSON)).Get("externalId").Text())
	req.Cursor = &page.Next
	_, err = f.as("okta").list(req, f.user)
	require.Equal(t, scim.InvalidCursor, refusal(t, err).Type)
	page, err = f.as("hr").list(req, f.user)
	require.NoError(t, err)
	require.Equal(t, "9", value(t, string(page.Resources[0].JSON)).Get("externalId").Text())
}
