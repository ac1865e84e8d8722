package provider_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/filter"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage/bolt"
)

// gen makes random resources and filters from small vocabularies, so that they
// meet. PROPERTY_SEED repeats a run.
type gen struct {
	*rand.Rand
	users, groups []string
}

func newGen(t *testing.T) *gen {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("PROPERTY_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with PROPERTY_SEED=%d", seed)
		}
	})
	return &gen{Rand: rand.New(rand.NewPCG(seed, 1))}
}

func pick[T any](g *gen, from ...T) T { return from[g.IntN(len(from))] }

func (g *gen) word() string {
	return pick(g, "a", "A", "ab", "AB", "b", "é", "É", "e\u0301", "ａ", "σ", "ς", "a b", "a\x00b", `"`, `\`, "true", "1", strings.Repeat("x", 1100)+pick(g, "", "y", "Z"))
}

func (g *gen) time() string {
	return pick(g, "2020-01-01T00:00:00Z", "2026-01-01T00:00:00+02:00", time.Now().UTC().Format(time.RFC3339Nano), "2100-01-01T00:00:00.5Z")
}

// user is a random body; its userName is unique.
func (g *gen) user(n int) string {
	v := scim.ObjectValue(scim.Member{Name: "userName", Value: scim.StringValue(fmt.Sprintf("%s%d", g.word(), n))})
	for _, name := range []string{"externalId", "displayName", "title", "nickName"} {
		if g.IntN(2) == 0 {
			v = v.With(name, scim.StringValue(g.word()))
		}
	}
	if g.IntN(2) == 0 {
		v = v.With("active", scim.BoolValue(g.IntN(2) == 0))
	}
	if g.IntN(2) == 0 {
		v = v.With("name", scim.ObjectValue().With("familyName", scim.StringValue(g.word())).With("givenName", scim.StringValue(g.word())))
	}
	for _, name := range []string{"emails", "roles", "phoneNumbers"} {
		list := scim.ArrayValue()
		for range g.IntN(4) {
			e := scim.ObjectValue().With("value", scim.StringValue(g.word())).With("type", scim.StringValue(pick(g, "work", "home")))
			if g.IntN(3) == 0 {
				e = e.With("display", scim.StringValue(g.word()))
			}
			list = list.Append(e)
		}
		if list.Len() > 0 && g.IntN(2) == 0 {
			list, _ = list.Map(func(_ string, e scim.Value) (scim.Value, error) { return e.With("primary", scim.BoolValue(false)), nil })
			first, i := g.IntN(list.Len()), -1
			list, _ = list.Map(func(_ string, e scim.Value) (scim.Value, error) {
				if i++; i == first {
					e = e.With("primary", scim.BoolValue(true))
				}
				return e, nil
			})
		}
		v = v.With(name, list)
	}
	if g.IntN(2) == 0 {
		ext := scim.ObjectValue().With("department", scim.StringValue(g.word()))
		if len(g.users) > 0 && g.IntN(2) == 0 {
			ext = ext.With("manager", scim.ObjectValue().With("value", scim.StringValue(pick(g, g.users...))))
		}
		v = v.With(scim.SchemaEnterpriseUser, ext)
	}
	return v.String()
}

func (g *gen) group(n int) string {
	members := scim.ArrayValue()
	for range g.IntN(4) {
		e := scim.ObjectValue().With("value", scim.StringValue(pick(g, append(slices.Clone(g.users), g.groups...)...)))
		if g.IntN(2) == 0 {
			e = e.With("display", scim.StringValue(g.word()))
		}
		members = members.Append(e)
	}
	return scim.ObjectValue().With("displayName", scim.StringValue(fmt.Sprintf("%s%d", g.word(), n))).With("members", members).String()
}

// filter is a random filter on a resource type, from its schema.
func (g *gen) filter(rt *schema.ResourceType, depth int) string {
	if depth > 0 {
		switch g.IntN(5) {
		case 0:
			return g.filter(rt, depth-1) + pick(g, " and ", " AND ") + g.filter(rt, depth-1)
		case 1:
			return "(" + g.filter(rt, depth-1) + " or " + g.filter(rt, depth-1) + ")"
		case 2:
			return "not (" + g.filter(rt, depth-1) + ")"
		}
	}
	for {
		a := pick(g, rt.All[1:]...)
		if a.Returned == schema.Never || a.Parent.Hidden || a.IsExtension() {
			continue
		}
		if a.IsComplex() && a.MultiValued && g.IntN(2) == 0 {
			sub, other := pick(g, a.Sub...), pick(g, a.Sub...)
			inner := g.comparison(sub, sub.Name)
			if g.IntN(2) == 0 {
				inner += pick(g, " and ", " or ") + pick(g, "", "not (") + g.comparison(other, other.Name)
				inner += strings.Repeat(")", strings.Count(inner, "(")-strings.Count(inner, ")"))
			}
			return a.Path() + "[" + inner + "]"
		}
		if a.IsComplex() {
			return a.Path() + " pr"
		}
		return g.comparison(a, a.Path())
	}
}

func (g *gen) comparison(a *schema.Attribute, name string) string {
	if g.IntN(6) == 0 {
		return name + pick(g, " pr", " eq null", " ne null")
	}
	op := pick(g, "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "Eq")
	var literal string
	switch a.Type {
	case schema.BooleanType:
		return name + " " + pick(g, "eq", "ne") + " " + pick(g, "true", "false")
	case schema.DateTimeType:
		return name + " " + pick(g, "eq", "ne", "gt", "ge", "lt", "le") + ` "` + g.time() + `"`
	case schema.BinaryType:
		return name + ` eq "AAAA"`
	case schema.IntegerType, schema.DecimalType:
		return name + " " + pick(g, "eq", "ne", "gt", "ge", "lt", "le") + " " + g.element(a).Text()
	default:
		literal = g.word()
		switch {
		case g.IntN(3) == 0 && (a.Name == "id" || a.Name == "value" || a.Name == "$ref"):
			literal = pick(g, append(slices.Clone(g.users), g.groups...)...)
			if a.Name == "$ref" {
				literal = "https://x/scim/v2/" + pick(g, "Users/", "Groups/") + literal
			}
		case a.Name == "type":
			literal = pick(g, "work", "home", "User", "Group", "direct", "indirect")
		case a.Name == "resourceType":
			literal = pick(g, "User", "Group")
		case g.IntN(3) == 0:
			literal = fmt.Sprintf("%s%d", literal, g.IntN(30))
		}
	}
	return name + " " + op + " " + scim.StringValue(literal).String()
}

// TestFiltersAnswerWhatIsServed holds the result of any filter, whatever indexes
// and edges answered it, against the plain evaluation of the filter on every
// resource as it is served; and that a sorted list has the same resources.
func TestFiltersAnswerWhatIsServed(t *testing.T) { onEachEngine(t, testFiltersAnswerWhatIsServed) }

func testFiltersAnswerWhatIsServed(t *testing.T, f *fixture) {
	g := newGen(t)
	for n := range 30 {
		g.users = append(g.users, f.create(f.user, g.user(n)).ID)
		if n%2 == 0 {
			g.groups = append(g.groups, f.create(f.group, g.group(n)).ID)
		}
	}
	for _, rt := range []*schema.ResourceType{f.user, f.group} {
		f.holdFilters(t, g, rt, 400)
	}
}

// holdFilters compares random filters with their plain evaluation.
func (f *fixture) holdFilters(t *testing.T, g *gen, rt *schema.ResourceType, filters int) {
	f.call.Limits.Filter = 32 << 10
	served := map[string]scim.Value{}
	all, err := f.list(provider.ListRequest{Count: 100}, rt)
	require.NoError(t, err)
	for _, r := range all.Resources {
		served[r.ID] = value(t, string(r.JSON))
	}
	for range filters {
		text := g.filter(rt, 3)
		expression, err := filter.Parse(text, f.call.Limits)
		require.NoError(t, err, text)
		bound, err := filter.Bind(rt, expression, f.call.Profile)
		if err != nil {
			continue // an operator that the type does not take
		}
		var want []string
		for id, v := range served {
			if filter.Match(bound, v) {
				want = append(want, id)
			}
		}
		slices.Sort(want)
		req := provider.ListRequest{Filter: text, Count: 100, StartIndex: 1}
		if g.IntN(2) == 0 {
			req.SortBy, req.Descending = pick(g, "id", "meta.lastModified", "externalId"), g.IntN(2) == 0
		}
		l, err := f.list(req, rt)
		require.NoError(t, err, text)
		var have []string
		for _, r := range l.Resources {
			have = append(have, r.ID)
		}
		slices.Sort(have)
		require.Equal(t, want, have, text)
		require.Equal(t, len(want), l.Total, text)
	}
}

// anyType is a resource type of random attributes, some indexed, some in an
// extension.
func (g *gen) anyType(t *testing.T) *schema.ResourceType {
	attributes := func(prefix string) string {
		var all []string
		for n := range 3 + g.IntN(6) {
			a := g.attribute(fmt.Sprintf("%s%d", prefix, n), g.IntN(3) == 0)
			if g.IntN(4) == 0 {
				subs := []string{g.attribute("value", false), g.attribute("type", false), g.attribute("other", false)}
				a = fmt.Sprintf(`{"name":"%s%d","type":"complex","multiValued":%t,"subAttributes":[%s,{"name":"primary","type":"boolean"}]}`,
					prefix, n, g.IntN(2) == 0, strings.Join(subs, ","))
			}
			all = append(all, a)
		}
		return strings.Join(all, ",")
	}
	definitions, err := schema.Define([]schema.Source{
		{Name: "thing", Text: `{"id":"urn:example:Thing","name":"Thing","attributes":[` + attributes("a") + `]}`},
		{Name: "extra", Text: `{"id":"urn:example:Extra","name":"Extra","attributes":[` + attributes("x") + `]}`},
		{Name: "type", Text: `{"name":"Thing","endpoint":"/Things","schema":"urn:example:Thing","schemaExtensions":[{"schema":"urn:example:Extra","required":false}]}`},
	})
	require.NoError(t, err)
	return definitions.Types[slices.IndexFunc(definitions.Types, func(rt *schema.ResourceType) bool { return rt.Name == "Thing" })]
}

func (g *gen) attribute(name string, multiValued bool) string {
	typ := pick(g, "string", "string", "boolean", "integer", "decimal", "dateTime", "binary")
	exact := ""
	if typ == "string" {
		exact = fmt.Sprintf(`"caseExact":%t,`, g.IntN(2) == 0)
	}
	return fmt.Sprintf(`{"name":"%s","type":"%s",%s"multiValued":%t,"roster":{"index":%t}}`, name, typ, exact, multiValued, g.IntN(2) == 0)
}

// anyValue is a random value of an attribute, or null.
func (g *gen) anyValue(a *schema.Attribute) scim.Value {
	switch {
	case g.IntN(4) == 0:
		return scim.Value{}
	case !a.MultiValued:
		return g.element(a)
	}
	list := scim.ArrayValue()
	for range g.IntN(4) {
		list = list.Append(g.element(a))
	}
	return list
}

func (g *gen) element(a *schema.Attribute) scim.Value {
	switch a.Type {
	case schema.ComplexType:
		v := scim.ObjectValue()
		for _, sub := range a.Sub {
			if !sub.IsPrimary() || g.IntN(9) == 0 {
				v = v.With(sub.Name, g.anyValue(sub))
			}
		}
		return v
	case schema.BooleanType:
		return scim.BoolValue(g.IntN(2) == 0)
	case schema.IntegerType:
		return scim.NumberValue(pick(g, "0", "-1", "7", "10", "123456789012345678901234567890"))
	case schema.DecimalType:
		return scim.NumberValue(pick(g, "0", "-0.5", "1e2", "100.0", "99.999", "1E-3"))
	case schema.DateTimeType:
		return scim.StringValue(g.time())
	case schema.BinaryType:
		return scim.StringValue(pick(g, "AAAA", "aaaa", "AQ=="))
	}
	return scim.StringValue(g.word())
}

// TestFiltersOnAnySchema is TestFiltersAnswerWhatIsServed for a random schema.
func TestFiltersOnAnySchema(t *testing.T) {
	g := newGen(t)
	rt := g.anyType(t)
	store, err := bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "x.db"), Indexes: query.Indexes([]*schema.ResourceType{rt}), NoSync: true})
	require.NoError(t, err)
	f := newFixtureOn(t, store, rt)
	for range 40 {
		body := scim.ObjectValue()
		for _, a := range rt.Root.Sub {
			if a.Schema != "" {
				body = body.With(a.Name, g.anyValue(a))
			}
		}
		r, err := f.Create(context.Background(), f.call, rt, body, provider.Projection{})
		if err != nil {
			require.Contains(t, err.Error(), "primary", "two primaries are what can be wrong")
			continue
		}
		g.users = append(g.users, r.ID)
	}
	f.holdFilters(t, g, rt, 400)
}

// TestPutOfAGetChangesNothing, for random resources.
func TestPutOfAGetChangesNothing(t *testing.T) {
	f := newFixture(t)
	g := newGen(t)
	put := func(rt *schema.ResourceType, id string) {
		before, err := f.Get(context.Background(), f.call, rt, id, provider.Projection{})
		require.NoError(t, err)
		after, err := f.Replace(context.Background(), f.call, rt, id, value(t, string(before.JSON)), nil, provider.Projection{})
		require.NoError(t, err)
		require.Equal(t, string(before.JSON), string(after.JSON))
	}
	for n := range 50 {
		g.users = append(g.users, f.create(f.user, g.user(n)).ID)
		g.groups = append(g.groups, f.create(f.group, g.group(n)).ID)
		put(f.user, pick(g, g.users...))
		put(f.group, pick(g, g.groups...))
	}
}
