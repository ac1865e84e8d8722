package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
)

func (f *fixture) list(req provider.ListRequest, types ...*schema.ResourceType) (*provider.List, error) {
	return f.List(context.Background(), f.call, types, req)
}

// names are the userName or displayName of the results.
func names(t *testing.T, l *provider.List) []string {
	var all []string
	for _, r := range l.Resources {
		v := value(t, string(r.JSON))
		all = append(all, v.Get("userName").Text()+v.Get("displayName").Text())
	}
	return all
}

// populate makes users a to i, some with a title, and groups A to D.
func (f *fixture) populate() {
	for i := range 9 {
		body := fmt.Sprintf(`{"userName":"%c"`, 'a'+i)
		if i%3 > 0 {
			body += fmt.Sprintf(`,"title":"%d"`, i%3)
		}
		f.create(f.user, body+`}`)
		if i < 4 {
			f.create(f.group, fmt.Sprintf(`{"displayName":"%c"}`, 'A'+i))
		}
	}
}

func cursor(s string) *string { return &s }

// forward walks all pages by cursor, and back again, and returns what it met on
// the way there; both ways must meet the same.
func (f *fixture) walk(req provider.ListRequest, types ...*schema.ResourceType) []string {
	t := f.t
	var met []string
	var pages [][]string
	req.Cursor = cursor("")
	var last *provider.List
	for n := 0; ; n++ {
		l, err := f.list(req, types...)
		require.NoError(t, err)
		require.Equal(t, n == 0, l.Previous == "", "previousCursor is on all pages but the first")
		pages = append(pages, names(t, l))
		met = append(met, names(t, l)...)
		require.Equal(t, l.Next == "", len(met) == l.Total, "%+v %v of %d", req, met, l.Total)
		if last = l; l.Next == "" {
			break
		}
		require.Less(t, n, 50)
		req.Cursor = cursor(l.Next)
	}
	for n := len(pages) - 2; n >= 0; n-- {
		req.Cursor = cursor(last.Previous)
		l, err := f.list(req, types...)
		require.NoError(t, err)
		require.Equal(t, pages[n], names(t, l), "back to page %d", n)
		require.NotEmpty(t, l.Next)
		last = l
	}
	require.Empty(t, last.Previous)
	return met
}

func TestCursors(t *testing.T) { onEachEngine(t, testCursors) }

func testCursors(t *testing.T, f *fixture) {
	f.populate()
	for _, types := range [][]*schema.ResourceType{{f.user}, {f.group}, {f.user, f.group}} {
		for _, sort := range []string{"", "userName", "title", "displayName", "meta.created", "id"} {
			for _, descending := range []bool{false, true} {
				for _, filter := range []string{"", `not (userName eq "c")`, `title pr or displayName co "b"`} {
					for _, count := range []int{1, 2, 3, 4, 100} {
						req := provider.ListRequest{Filter: filter, SortBy: sort, Descending: descending, Count: count}
						if (sort == "userName" || sort == "title") && types[0] == f.group {
							continue // groups have none
						}
						if filter != "" && len(types) == 1 && types[0] == f.group {
							continue
						}
						if filter != "" && len(types) == 1 && strings.Contains(filter, "displayName") {
							continue
						}
						name := fmt.Sprintf("%d types sort=%s descending=%t filter=%s count=%d", len(types), sort, descending, filter, count)
						byCursor := f.walk(req, types...)
						req.Count, req.StartIndex = 100, 1
						whole, err := f.list(req, types...)
						require.NoError(t, err, name)
						require.Equal(t, names(t, whole), byCursor, name)
						require.True(t, slices.IsSorted(byCursor) || sort != "userName" || descending || len(types) > 1, name)
						var byIndex []string
						req.Count = 2
						for req.StartIndex = 1; req.StartIndex <= whole.Total; req.StartIndex += 2 {
							page, err := f.list(req, types...)
							require.NoError(t, err)
							require.Equal(t, whole.Total, page.Total)
							byIndex = append(byIndex, names(t, page)...)
						}
						require.Equal(t, byCursor, byIndex, name)
					}
				}
			}
		}
	}
}

func TestCursorWalkWhileOthersWrite(t *testing.T) { onEachEngine(t, testCursorWalkWhileOthersWrite) }

func testCursorWalkWhileOthersWrite(t *testing.T, f *fixture) {
	f.populate()
	req := provider.ListRequest{SortBy: "userName", Count: 2, Cursor: cursor("")}
	var met []string
	for n := 0; ; n++ {
		l, err := f.list(req, f.user)
		require.NoError(t, err)
		met = append(met, names(t, l)...)
		if l.Next == "" {
			break
		}
		f.create(f.user, fmt.Sprintf(`{"userName":"%s0%d"}`, met[0], n)) // before the place
		if n == 1 {
			require.NoError(t, f.Delete(context.Background(), f.call, f.user, l.Resources[1].ID, nil)) // at the place
		}
		req.Cursor = cursor(l.Next)
	}
	require.Equal(t, []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}, met)
}

func TestCursorsAreBound(t *testing.T) {
	f := newFixture(t)
	f.populate()
	req := provider.ListRequest{Filter: `userName ge "a"`, SortBy: "userName", Count: 2, Cursor: cursor("")}
	l, err := f.list(req, f.user)
	require.NoError(t, err)
	require.Regexp(t, `^[\w-]+$`, l.Next)
	good := l.Next
	for name, row := range map[string]struct {
		change func(*provider.ListRequest, *fixture)
		want   scim.ScimType
	}{
		"another filter":    {func(r *provider.ListRequest, _ *fixture) { r.Filter = `userName ge "b"` }, scim.InvalidCursor},
		"another order":     {func(r *provider.ListRequest, _ *fixture) { r.Descending = true }, scim.InvalidCursor},
		"another sort":      {func(r *provider.ListRequest, _ *fixture) { r.SortBy = "id" }, scim.InvalidCursor},
		"another account":   {func(_ *provider.ListRequest, f *fixture) { f.call.Account = "b" }, scim.InvalidCursor},
		"other permissions": {func(_ *provider.ListRequest, f *fixture) { f.call.Scope = "scim:read" }, scim.InvalidCursor},
		"another count":     {func(r *provider.ListRequest, _ *fixture) { r.Count = 3 }, scim.InvalidCount},
		"too late":          {func(_ *provider.ListRequest, f *fixture) { *f.now = f.now.Add(provider.CursorTimeout + time.Second) }, scim.ExpiredCursor},
		"rubbish":           {func(r *provider.ListRequest, _ *fixture) { r.Cursor = cursor("rubbish!") }, scim.InvalidCursor},
		"something short":   {func(r *provider.ListRequest, _ *fixture) { r.Cursor = cursor("AAAA") }, scim.InvalidCursor},
	} {
		g, changed := *f, req
		before := *f.now
		changed.Cursor = cursor(good)
		row.change(&changed, &g)
		_, err := g.list(changed, g.user)
		require.Equal(t, row.want, refusal(t, err).Type, name)
		*f.now = before
	}
	for i := range good {
		changed := []byte(good)
		changed[i] ^= 1
		if i == len(good)-1 {
			continue // its last bits may mean nothing
		}
		req.Cursor = cursor(string(changed))
		_, err := f.list(req, f.user)
		require.Equal(t, scim.InvalidCursor, refusal(t, err).Type, "changed at %d", i)
	}
	req.Cursor = cursor(good)
	_, err = f.list(req, f.user)
	require.NoError(t, err)
}

func TestRootQuery(t *testing.T) { onEachEngine(t, testRootQuery) }

func testRootQuery(t *testing.T, f *fixture) {
	f.populate()
	for _, row := range []struct {
		filter string
		want   string
	}{
		{`userName eq "a" or displayName eq "B"`, "a B"},
		{`meta.resourceType eq "Group"`, "A B C D"},
		{`userName pr and title eq "1"`, "b e h"},
		{`not (userName pr)`, "A B C D"},
		{`members pr`, ""},
		{`id pr and displayName sw "A"`, "A"},
	} {
		l, err := f.list(provider.ListRequest{Filter: row.filter, StartIndex: 1, Count: 20}, f.user, f.group)
		require.NoError(t, err, row.filter)
		require.Equal(t, row.want, strings.Join(names(t, l), " "), row.filter)
		require.Equal(t, len(l.Resources), l.Total)
	}
	_, err := f.list(provider.ListRequest{Filter: `nothing eq "x"`, Count: 1}, f.user, f.group)
	require.Equal(t, scim.InvalidFilter, refusal(t, err).Type)
	_, err = f.list(provider.ListRequest{SortBy: `nothing`, Count: 1}, f.user, f.group)
	require.Equal(t, scim.InvalidValue, refusal(t, err).Type)
}

// TestLargePagesEndEarly: a page is bounded by bytes too, and nothing is lost by
// it, by index or by cursor, over one type or several.
func TestLargePagesEndEarly(t *testing.T) { onEachEngine(t, testLargePagesEndEarly) }

func testLargePagesEndEarly(t *testing.T, f *fixture) {
	text := strings.Repeat("x", 900_000)
	var want []string
	for i := range 12 {
		name := fmt.Sprintf("%02d", i)
		want = append(want, name)
		f.create(f.user, `{"userName":"`+name+`","displayName":"`+name+`","title":"`+text+`"}`)
		if i%4 == 0 {
			f.create(f.group, `{"displayName":"`+name+`g"}`)
		}
	}
	for _, sort := range []string{"", "displayName"} {
		for _, types := range [][]*schema.ResourceType{{f.user}, {f.user, f.group}} {
			req := provider.ListRequest{SortBy: sort, Count: 100, Attributes: []string{"userName", "displayName"}}
			var byIndex []string
			for req.StartIndex = 1; ; {
				l, err := f.list(req, types...)
				require.NoError(t, err)
				require.Less(t, len(l.Resources), 12+len(types)*3-3)
				for _, r := range l.Resources {
					byIndex = append(byIndex, value(t, string(r.JSON)).Get("displayName").Text())
				}
				if len(l.Resources) == 0 || len(byIndex) == l.Total {
					require.Len(t, byIndex, l.Total)
					break
				}
				req.StartIndex += len(l.Resources)
			}
			users := slices.DeleteFunc(slices.Clone(byIndex), func(s string) bool { return strings.HasSuffix(s, "g") })
			require.Equal(t, want, users)

			var byCursor []string
			req.Cursor = cursor("")
			for range 10 {
				l, err := f.list(req, types...)
				require.NoError(t, err)
				for _, r := range l.Resources {
					byCursor = append(byCursor, value(t, string(r.JSON)).Get("displayName").Text())
				}
				if l.Next == "" {
					break
				}
				req.Cursor = cursor(l.Next)
			}
			require.Equal(t, byIndex, byCursor)
		}
	}
}

// TestCursorsOverLongValues: sort values that agree in many bytes.
func TestCursorsOverLongValues(t *testing.T) { onEachEngine(t, testCursorsOverLongValues) }

func testCursorsOverLongValues(t *testing.T, f *fixture) {
	long := strings.Repeat("x", 1500)
	for i := range 9 {
		f.create(f.user, fmt.Sprintf(`{"userName":"%c","title":"%s%d","displayName":"%[2]s%[3]d"}`, 'a'+i, long, i%5))
	}
	for _, sort := range []string{"title", "displayName"} {
		for _, descending := range []bool{false, true} {
			met := f.walk(provider.ListRequest{SortBy: sort, Descending: descending, Count: 2}, f.user)
			require.Len(t, met, 9)
			whole, err := f.list(provider.ListRequest{SortBy: sort, Descending: descending, Count: 100}, f.user)
			require.NoError(t, err)
			require.Equal(t, names(t, whole), met)
		}
	}
	l, err := f.list(provider.ListRequest{SortBy: "title", Count: 1, Cursor: cursor("")}, f.user)
	require.NoError(t, err)
	require.Less(t, len(l.Next), 300)
	_, err = f.patch(f.user, l.Resources[0].ID, `[{"op":"replace","path":"title","value":"y"}]`)
	require.NoError(t, err)
	_, err = f.list(provider.ListRequest{SortBy: "title", Count: 1, Cursor: cursor(l.Next)}, f.user)
	require.Equal(t, scim.ExpiredCursor, refusal(t, err).Type)
}
