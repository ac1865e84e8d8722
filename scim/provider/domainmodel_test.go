package provider_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

// domains are names that could be taken for one another, also with a value behind.
var domains = []string{"", "h", "hr", "HR", "2:hr", "\x00"}

// domainModel is what TestDomainsAgainstAMap expects.
type domainModel struct {
	*fixture
	*gen
	rt  *schema.ResourceType
	ids []string                     // in order of creation
	of  map[string]map[string]string // external ids by domain, by resource
}

// TestDomainsAgainstAMap: clients of several domains write the same resources at
// random; each finds, sorts and sees what it wrote itself.
func TestDomainsAgainstAMap(t *testing.T) {
	definitions, err := schema.Define([]schema.Source{{Name: "device", Text: `[{"name":"Device","endpoint":"/Devices","schema":"urn:example:Device"},
		{"id":"urn:example:Device","name":"Device","attributes":[{"name":"displayName"},{"name":"title"}]}]`}})
	require.NoError(t, err)
	device := definitions.Types[2]
	indexes := query.Indexes(definitions.Types)
	store, err := bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "x.db"), Indexes: indexes, NoSync: true})
	require.NoError(t, err)
	for name, store := range map[string]storage.Store{"bolt": store, "memory": memory.New(indexes)} {
		f := newFixtureOn(t, store, device)
		f.call.Limits.Filter = 32 << 10
		g := newGen(t)
		for _, rt := range []*schema.ResourceType{f.user, f.group, device} {
			t.Run(name+" "+rt.Name, func(t *testing.T) {
				f.t = t
				m := &domainModel{fixture: f, gen: g, rt: rt, of: map[string]map[string]string{}}
				for range 150 {
					m.step()
				}
				for _, domain := range domains {
					for range 40 {
						m.find(domain)
					}
					f.as(domain).holdFilters(t, g, rt, 40)
				}
			})
		}
	}
}

// body is a resource with that external id, "" for none.
func (m *domainModel) body(externalID string) string {
	v := scim.ObjectValue().With("displayName", scim.StringValue(m.word()))
	if m.rt == m.fixture.user {
		v = v.With("userName", scim.StringValue(fmt.Sprint("user", m.Int64())))
	}
	if m.rt == m.fixture.group {
		v = v.With("displayName", scim.StringValue(fmt.Sprint("group", m.Int64())))
	}
	if externalID != "" {
		v = v.With("externalId", scim.StringValue(externalID))
	}
	return v.String()
}

// step lets one client make one change, and compares the answer.
func (m *domainModel) step() {
	ctx, domain, id := context.Background(), pick(m.gen, domains...), ""
	f, to := m.as(domain), m.word()
	if len(m.ids) > 0 {
		id = pick(m.gen, m.ids...)
	}
	var r *provider.Resource
	var err error
	quoted := scim.StringValue(to).String()
	switch action := m.IntN(7); {
	case id == "" || action == 0:
		r, err = f.Create(ctx, f.call, m.rt, value(m.t, m.body(to)), provider.Projection{})
		require.NoError(m.t, err)
		id = r.ID
		m.ids, m.users, m.groups = append(m.ids, id), append(m.users, id), append(m.groups, id)
		m.of[id] = map[string]string{}
	case action == 1:
		to = pick(m.gen, to, "")
		r, err = f.Replace(ctx, f.call, m.rt, id, value(m.t, m.body(to)), nil, provider.Projection{})
	case action == 2:
		r, err = f.patch(m.rt, id, `[{"op":"add","path":"externalId","value":`+quoted+`}]`)
	case action == 3:
		r, err = f.patch(m.rt, id, `[{"op":"replace","value":{"externalId":`+quoted+`}}]`)
	case action == 4:
		to = ""
		r, err = f.patch(m.rt, id, `[{"op":"remove","path":"externalId"}]`)
	case action == 5:
		to = m.of[id][domain]
		r, err = f.patch(m.rt, id, `[{"op":"replace","path":"displayName","value":"`+fmt.Sprint("name", m.Int64())+`"}]`)
	case m.IntN(3) == 0:
		require.NoError(m.t, f.Delete(ctx, f.call, m.rt, id, nil))
		delete(m.of, id)
		m.ids = slices.DeleteFunc(m.ids, func(other string) bool { return other == id })
		return
	default:
		to = m.of[id][domain]
		r, err = f.Get(ctx, f.call, m.rt, id, provider.Projection{})
	}
	require.NoError(m.t, err)
	m.of[id][domain] = to
	if to == "" {
		delete(m.of[id], domain)
	}
	require.Equal(m.t, to, value(m.t, string(r.JSON)).Get("externalId").Text(), "in domain %q", domain)
	require.NotContains(m.t, string(r.JSON), "externalIds")
	for _, other := range domains {
		require.Equal(m.t, m.of[id][other], m.as(other).get(m.rt, id).Get("externalId").Text(), "in domain %q after a change in %q", other, domain)
	}
}

// find compares a filter, sorted at random, with what the map says.
func (m *domainModel) find(domain string) {
	op, literal := pick(m.gen, slices.Sorted(maps.Keys(comparisons))...), m.word()
	req := provider.ListRequest{Filter: "externalId " + op + " " + scim.StringValue(literal).String(), Count: 1000}
	if op == "pr" {
		req.Filter = "externalId pr"
	}
	wants := m.IntN(3) > 0
	if !wants {
		req.Filter = "not (" + req.Filter + ")"
	}
	var want []string
	for _, id := range m.ids {
		if external, has := m.of[id][domain]; comparisons[op](external, literal, has) == wants {
			want = append(want, id)
		}
	}
	if m.IntN(2) == 0 {
		req.SortBy = "externalId"
		slices.SortStableFunc(want, func(a, b string) int {
			x, hasX := m.of[a][domain]
			y, hasY := m.of[b][domain]
			if hasX != hasY {
				return cmp.Compare(y, x) // none comes last
			}
			return cmp.Compare(x, y)
		})
	}
	l, err := m.as(domain).list(req, m.rt)
	require.NoError(m.t, err)
	var have []string
	for _, r := range l.Resources {
		have = append(have, r.ID)
	}
	require.Equal(m.t, want, have, "%s in domain %q, sorted by %q", req.Filter, domain, req.SortBy)
}

var comparisons = map[string]func(x, literal string, has bool) bool{
	"pr": func(_, _ string, has bool) bool { return has },
	"eq": func(x, literal string, has bool) bool { return has && x == literal },
	"ne": func(x, literal string, has bool) bool { return !has || x != literal },
	"sw": func(x, literal string, has bool) bool { return has && strings.HasPrefix(x, literal) },
	"ew": func(x, literal string, has bool) bool { return has && strings.HasSuffix(x, literal) },
	"co": func(x, literal string, has bool) bool { return has && strings.Contains(x, literal) },
	"gt": func(x, literal string, has bool) bool { return has && x > literal },
	"ge": func(x, literal string, has bool) bool { return has && x >= literal },
	"lt": func(x, literal string, has bool) bool { return has && x < literal },
	"le": func(x, literal string, has bool) bool { return has && x <= literal },
}
