package provider_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

// reverse is a hasher for tests: it shows that a hash is stored, at no cost.
type reverse struct{}

func (reverse) Hash(_ context.Context, secret auth.Secret) (string, error) {
	return fmt.Sprintf("hash of %d bytes", len(secret.Reveal())), nil
}

type fixture struct {
	*provider.Provider
	t           *testing.T
	call        provider.Call
	user, group *schema.ResourceType
	now         *time.Time
}

func newFixture(t *testing.T) *fixture {
	return newFixtureOn(t, memory.New(query.Indexes(schema.Core())))
}

// onEachEngine runs a test that the engines could answer differently.
func onEachEngine(t *testing.T, run func(t *testing.T, f *fixture)) {
	t.Run("memory", func(t *testing.T) { run(t, newFixture(t)) })
	t.Run("bolt", func(t *testing.T) {
		store, err := bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "x.db"), Indexes: query.Indexes(schema.Core()), NoSync: true})
		require.NoError(t, err)
		run(t, newFixtureOn(t, store))
	})
}

func newFixtureOn(t *testing.T, store storage.Store, more ...*schema.ResourceType) *fixture {
	types := append(schema.Core(), more...)
	t.Cleanup(func() {
		require.NoError(t, store.(storage.Checker).Check(context.Background(), func(problem string) { t.Error(problem) }))
		require.NoError(t, store.Close())
	})
	now := time.Now()
	p, err := provider.New(provider.Config{Store: store, Types: types, Hasher: reverse{}, Now: func() time.Time { return now }})
	require.NoError(t, err)
	return &fixture{
		Provider: p,
		now:      &now,
		t:        t,
		call:     provider.Call{Account: "a", Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Base: "https://x/scim/v2"},
		user:     types[0], group: types[1],
	}
}

func value(t testing.TB, text string) scim.Value {
	v, err := scim.ParseJSON([]byte(text))
	require.NoError(t, err)
	return v
}

func (f *fixture) create(rt *schema.ResourceType, body string) *provider.Resource {
	r, err := f.Create(context.Background(), f.call, rt, value(f.t, body), provider.Projection{})
	require.NoError(f.t, err)
	return r
}

func (f *fixture) patch(rt *schema.ResourceType, id, ops string) (*provider.Resource, error) {
	return f.Patch(context.Background(), f.call, rt, id, value(f.t, `{"Operations":`+ops+`}`), nil, provider.Projection{})
}

func (f *fixture) get(rt *schema.ResourceType, id string) scim.Value {
	r, err := f.Get(context.Background(), f.call, rt, id, provider.Projection{})
	require.NoError(f.t, err)
	return value(f.t, string(r.JSON))
}

func refusal(t *testing.T, err error) *scim.Error {
	var e *scim.Error
	require.True(t, errors.As(err, &e), "%v", err)
	return e
}

func TestCreateAnswersWhatIsStored(t *testing.T) {
	f := newFixture(t)
	r := f.create(f.user, `{"userName":"Anna","password":"geheim","emails":[{"value":"a@x"}],"id":"mine","groups":[{"value":"g"}]}`)
	v := value(t, string(r.JSON))
	require.Equal(t, r.ID, v.Get("id").Text())
	require.NotEqual(t, "mine", r.ID)
	require.True(t, v.Get("password").IsNull())
	require.True(t, v.Get("groups").IsNull())
	meta := v.Get("meta")
	require.Equal(t, "https://x/scim/v2/Users/"+r.ID, meta.Get("location").Text())
	require.Equal(t, r.ETag, meta.Get("version").Text())
	require.Equal(t, meta.Get("created"), meta.Get("lastModified"))
	require.True(t, v.Equal(f.get(f.user, r.ID)))

	require.NoError(t, f.Store.View(context.Background(), "a", func(s storage.Snapshot) error {
		hash, err := s.Side(context.Background(), r.ID, "password")
		require.Equal(t, "hash of 6 bytes", string(hash))
		d, _ := s.Get(context.Background(), r.ID)
		require.NotContains(t, string(d.Body), "geheim")
		return err
	}))
}

func TestUniqueness(t *testing.T) {
	f := newFixture(t)
	first := f.create(f.user, `{"userName":"BJensen"}`)
	_, err := f.Create(context.Background(), f.call, f.user, value(t, `{"userName":"bjensen"}`), provider.Projection{})
	e := refusal(t, err)
	require.Equal(t, 409, e.Status)
	require.Equal(t, scim.Uniqueness, e.Type)
	require.Contains(t, e.Detail, "userName")

	second := f.create(f.user, `{"userName":"other"}`)
	_, err = f.patch(f.user, second.ID, `[{"op":"replace","path":"userName","value":"BJENSEN"}]`)
	require.Equal(t, 409, refusal(t, err).Status)
	require.Equal(t, "other", f.get(f.user, second.ID).Get("userName").Text())

	require.NoError(t, f.Delete(context.Background(), f.call, f.user, first.ID, nil))
	_, err = f.patch(f.user, second.ID, `[{"op":"replace","path":"userName","value":"BJENSEN"}]`)
	require.NoError(t, err, "the name of a removed user is free")

	f.create(f.group, `{"displayName":"Team"}`)
	f.call.Profile.DuplicateNames = true
	f.create(f.group, `{"displayName":"team"}`)
}

func TestMembership(t *testing.T) {
	f := newFixture(t)
	anna, ben := f.create(f.user, `{"userName":"anna"}`), f.create(f.user, `{"userName":"ben"}`)
	inner := f.create(f.group, `{"displayName":"inner","members":[{"value":"`+anna.ID+`","display":"Anna"}]}`)
	outer := f.create(f.group, `{"displayName":"outer","members":[{"value":"`+inner.ID+`"},{"value":"`+ben.ID+`"}]}`)

	member := f.get(f.group, inner.ID).Get("members").At(0)
	require.Equal(t, "Anna", member.Get("display").Text())
	require.Equal(t, "User", member.Get("type").Text())
	require.Equal(t, "https://x/scim/v2/Users/"+anna.ID, member.Get("$ref").Text())

	groups := f.get(f.user, anna.ID).Get("groups")
	require.Equal(t, 2, groups.Len())
	require.Equal(t, `{"value":"`+inner.ID+`","display":"inner","type":"direct","$ref":"https://x/scim/v2/Groups/`+inner.ID+`"}`, groups.At(0).String())
	require.Equal(t, "indirect", groups.At(1).Get("type").Text())

	etag := f.get(f.group, inner.ID).Get("meta").Get("version").Text()
	_, err := f.patch(f.group, inner.ID, `[{"op":"add","path":"members","value":[{"value":"`+anna.ID+`","display":"Anna"}]}]`)
	require.NoError(t, err)
	require.Equal(t, etag, f.get(f.group, inner.ID).Get("meta").Get("version").Text(), "a member who is one already changes nothing")

	_, err = f.patch(f.group, inner.ID, `[{"op":"add","path":"members","value":[{"value":"nobody"}]}]`)
	require.Equal(t, scim.InvalidValue, refusal(t, err).Type)
	require.Contains(t, err.Error(), `"nobody"`)

	require.NoError(t, f.Delete(context.Background(), f.call, f.user, anna.ID, nil))
	after := f.get(f.group, inner.ID)
	require.True(t, after.Get("members").IsNull())
	require.NotEqual(t, etag, after.Get("meta").Get("version").Text(), "a group whose member goes changes")

	_, err = f.patch(f.group, outer.ID, `[{"op":"add","path":"members","value":[{"value":"`+outer.ID+`"}]}]`)
	require.NoError(t, err, "cycles are legal")
	require.Equal(t, 1, f.get(f.user, ben.ID).Get("groups").Len())
}

func TestFilters(t *testing.T) { onEachEngine(t, testFilters) }

func testFilters(t *testing.T, f *fixture) {
	ids := map[string]string{}
	for _, name := range []string{"anna", "ben", "carl"} {
		r := f.create(f.user, `{"userName":"`+name+`","active":`+fmt.Sprint(name != "carl")+`,"emails":[{"type":"work","value":"`+name+`@x"},{"type":"home","value":"h@x"}]}`)
		ids[r.ID], ids[name] = name, r.ID
	}
	g := f.create(f.group, `{"displayName":"inner","members":[{"value":"`+ids["anna"]+`"}]}`)
	h := f.create(f.group, `{"displayName":"outer","members":[{"value":"`+g.ID+`"},{"value":"`+ids["ben"]+`"}]}`)
	created := f.get(f.user, ids["ben"]).Get("meta").Get("created").Text()
	for _, row := range []struct{ filter, want string }{
		{`userName eq "ANNA"`, "anna"},
		{`emails[type eq "work"].value eq "ben@x"`, "ben"},
		{`emails[type eq "home" and value eq "ben@x"]`, ""},
		{`emails.value eq "h@x" and not (userName sw "b")`, "anna carl"},
		{`active eq false or userName co "nn"`, "anna carl"},
		{`title ne "x"`, "anna ben carl"},
		{`groups.value eq "` + h.ID + `"`, "anna ben"},
		{`groups[value eq "` + h.ID + `" and type eq "direct"]`, "ben"},
		{`groups.display eq "inner"`, "anna"},
		{`groups pr`, "anna ben"},
		{`not (groups pr)`, "carl"},
		{`id eq "` + ids["carl"] + `"`, "carl"},
		{`meta.created ge "` + created + `" and userName eq "ben"`, "ben"},
		{`meta.created lt "2000-01-01T00:00:00Z"`, ""},
		{`meta.resourceType eq "User"`, "anna ben carl"},
		{`schemas eq "` + strings.ToUpper(scim.SchemaUser) + `"`, "anna ben carl"},
	} {
		list, err := f.List(context.Background(), f.call, []*schema.ResourceType{f.user}, provider.ListRequest{Filter: row.filter, StartIndex: 1, Count: 10})
		require.NoError(t, err, row.filter)
		var names []string
		for _, r := range list.Resources {
			names = append(names, ids[r.ID])
		}
		require.Equal(t, row.want, strings.Join(names, " "), row.filter)
		require.Equal(t, len(names), list.Total)
	}
	for _, row := range []struct {
		filter string
		want   int
	}{
		{`members eq "` + ids["anna"] + `"`, 1},
		{`members.value eq "` + g.ID + `"`, 1},
		{`members[value eq "` + g.ID + `" and type eq "User"]`, 0},
		{`members[type eq "Group"]`, 1},
		{`members.value ne "` + ids["anna"] + `"`, 1},
		{`members pr`, 2},
	} {
		list, err := f.List(context.Background(), f.call, []*schema.ResourceType{f.group}, provider.ListRequest{Filter: row.filter, StartIndex: 1, Count: 10})
		require.NoError(t, err, row.filter)
		require.Equal(t, row.want, list.Total, row.filter)
	}
}

func TestMembersOfOneGroupAddedAtOnce(t *testing.T) {
	onEachEngine(t, testMembersOfOneGroupAddedAtOnce)
}

func testMembersOfOneGroupAddedAtOnce(t *testing.T, f *fixture) {
	g := f.create(f.group, `{"displayName":"all"}`)
	const clients, each = 4, 10
	var wg sync.WaitGroup
	for c := range clients {
		var ids []string
		for i := range each {
			ids = append(ids, f.create(f.user, fmt.Sprintf(`{"userName":"%d-%d"}`, c, i)).ID)
		}
		wg.Go(func() {
			for i, id := range ids {
				_, err := f.patch(f.group, g.ID, `[{"op":"add","path":"members","value":[{"value":"`+id+`"}]}]`)
				require.NoError(t, err)
				_, err = f.patch(f.group, g.ID, fmt.Sprintf(`[{"op":"replace","path":"externalId","value":"%d-%d"}]`, c, i))
				require.NoError(t, err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, clients*each, f.get(f.group, g.ID).Get("members").Len())
}

func TestReplace(t *testing.T) {
	f := newFixture(t)
	r := f.create(f.user, `{"userName":"anna","title":"Dr","password":"p"}`)
	same := f.get(f.user, r.ID)
	again, err := f.Replace(context.Background(), f.call, f.user, r.ID, same, nil, provider.Projection{})
	require.NoError(t, err)
	require.Equal(t, r.ETag, again.ETag, "PUT of what GET gave changes nothing")

	changed, err := f.Replace(context.Background(), f.call, f.user, r.ID, value(t, `{"userName":"anna"}`), nil, provider.Projection{})
	require.NoError(t, err)
	require.NotEqual(t, r.ETag, changed.ETag)
	require.True(t, f.get(f.user, r.ID).Get("title").IsNull())

	_, err = f.Replace(context.Background(), f.call, f.user, "nobody", same, nil, provider.Projection{})
	require.Equal(t, 404, refusal(t, err).Status)
	_, err = f.Get(context.Background(), f.call, f.group, r.ID, provider.Projection{})
	require.Equal(t, 404, refusal(t, err).Status, "a user is no group")
	other := f.call
	other.Account = "b"
	_, err = f.Get(context.Background(), other, f.user, r.ID, provider.Projection{})
	require.Equal(t, 404, refusal(t, err).Status, "another account sees nothing")
}

func TestPasswordIsReplacedAndRemoved(t *testing.T) {
	f := newFixture(t)
	r := f.create(f.user, `{"userName":"anna","password":"p"}`)
	hash := func() string {
		var h []byte
		require.NoError(t, f.Store.View(context.Background(), "a", func(s storage.Snapshot) (err error) {
			if h, err = s.Side(context.Background(), r.ID, "password"); errors.Is(err, storage.ErrNotFound) {
				return nil
			}
			return err
		}))
		return string(h)
	}
	step := func(ops string) string {
		changed, err := f.patch(f.user, r.ID, ops)
		require.NoError(t, err)
		require.NotContains(t, string(changed.JSON), "password")
		return changed.ETag
	}
	require.Equal(t, r.ETag, step(`[{"op":"add","path":"userName","value":"anna"}]`))
	require.Equal(t, "hash of 1 bytes", hash())
	first := step(`[{"op":"replace","path":"password","value":"pq"}]`)
	require.NotEqual(t, r.ETag, first)
	require.Equal(t, "hash of 2 bytes", hash())
	require.NotEqual(t, first, step(`[{"op":"replace","value":{"password":"pq"}}]`), "setting a password, even the same, is a change")
	second := step(`[{"op":"remove","path":"password"}]`)
	require.Empty(t, hash())
	require.Equal(t, second, step(`[{"op":"remove","path":"password"}]`))
}

func TestProjection(t *testing.T) {
	f := newFixture(t)
	r := f.create(f.user, `{"userName":"anna","name":{"givenName":"A","familyName":"B"},"emails":[{"value":"a@x","type":"work"}],"`+scim.SchemaEnterpriseUser+`":{"department":"D"}}`)
	head := `{"schemas":["` + scim.SchemaUser + `"],"id":"` + r.ID + `"`
	extended := `{"schemas":["` + scim.SchemaUser + `","` + scim.SchemaEnterpriseUser + `"],"id":"` + r.ID + `"`
	for _, row := range []struct {
		attributes, excluded []string
		want                 string
	}{
		{[]string{"userName"}, nil, head + `,"userName":"anna"}`},
		{[]string{"NAME.givenname", "emails.value", "password", "unknown"}, nil, head + `,"name":{"givenName":"A"},"emails":[{"value":"a@x"}]}`},
		{[]string{scim.SchemaEnterpriseUser + ":department"}, nil, extended + `,"` + scim.SchemaEnterpriseUser + `":{"department":"D"}}`},
		{[]string{scim.SchemaEnterpriseUser}, nil, extended + `,"` + scim.SchemaEnterpriseUser + `":{"department":"D"}}`},
		{nil, []string{"id", "name", "emails.type", "meta", scim.SchemaEnterpriseUser}, head + `,"userName":"anna","emails":[{"value":"a@x"}]}`},
	} {
		pr, err := provider.ParseProjection(f.user, f.call.Profile, row.attributes, row.excluded)
		require.NoError(t, err)
		got, err := f.Get(context.Background(), f.call, f.user, r.ID, pr)
		require.NoError(t, err)
		require.Equal(t, row.want, string(got.JSON))
	}
	_, err := provider.ParseProjection(f.user, f.call.Profile, []string{"id"}, []string{"name"})
	require.Equal(t, 400, refusal(t, err).Status)
}

func TestLimitsOfAResource(t *testing.T) {
	f := newFixture(t)
	f.call.Limits.Elements, f.call.Limits.Resource = 3, 400
	r := f.create(f.user, `{"userName":"anna","emails":[{"value":"1"},{"value":"2"}]}`)
	_, err := f.patch(f.user, r.ID, `[{"op":"add","path":"emails","value":[{"value":"3"},{"value":"4"}]}]`)
	require.Equal(t, 400, refusal(t, err).Status)
	require.Contains(t, err.Error(), "emails would have 4 values; at most 3")
	for _, title := range []string{strings.Repeat("x", 150), strings.Repeat("x", 300)} {
		_, err = f.patch(f.user, r.ID, `[{"op":"add","path":"title","value":"`+title+`"}]`)
	}
	require.Equal(t, 413, refusal(t, err).Status)
	require.Len(t, f.get(f.user, r.ID).Get("title").Text(), 150)
}

// TestManyGroups: whoever nests groups cannot make their members unreadable.
func TestManyGroups(t *testing.T) {
	f := newFixture(t)
	f.call.Limits.GroupClosure = 3
	anna := f.create(f.user, `{"userName":"anna"}`)
	inner := f.create(f.group, `{"displayName":"inner","members":[{"value":"`+anna.ID+`"}]}`)
	for i := range 4 {
		f.create(f.group, fmt.Sprintf(`{"displayName":"outer %d","members":[{"value":"%s"}]}`, i, inner.ID))
	}
	groups := f.get(f.user, anna.ID).Get("groups")
	require.Equal(t, 1, groups.Len(), "only direct ones")
	require.Equal(t, inner.ID, groups.At(0).Get("value").Text())
	_, err := f.patch(f.user, anna.ID, `[{"op":"add","path":"title","value":"x"}]`)
	require.NoError(t, err)

	f.call.Limits.Checks = 1
	_, err = f.List(context.Background(), f.call, []*schema.ResourceType{f.user}, provider.ListRequest{Filter: `groups.display co "x" or groups.display co "y"`, StartIndex: 1, Count: 1})
	require.Equal(t, scim.TooMany, refusal(t, err).Type, "what conditions read is counted")
}

func TestOneUserChangedByMany(t *testing.T) {
	f := newFixture(t)
	r := f.create(f.user, `{"userName":"anna"}`)
	var wg sync.WaitGroup
	for c := range 32 {
		wg.Go(func() {
			for i := range 10 {
				_, err := f.patch(f.user, r.ID, fmt.Sprintf(`[{"op":"add","path":"title","value":"%d-%d"}]`, c, i))
				require.NoError(t, err)
			}
		})
	}
	wg.Wait()
}

// TestPatchOfALargeGroup answers without a body (204), unless attributes are
// asked for.
func TestPatchOfALargeGroup(t *testing.T) {
	f := newFixture(t)
	f.call.Limits.MembersPerBody = 2
	var members []string
	for i := range 3 {
		members = append(members, `{"value":"`+f.create(f.user, fmt.Sprintf(`{"userName":"%d"}`, i)).ID+`"}`)
	}
	g := f.create(f.group, `{"displayName":"g","members":[`+strings.Join(members[:2], ",")+`]}`)
	r, err := f.patch(f.group, g.ID, `[{"op":"replace","path":"externalId","value":"x"}]`)
	require.NoError(t, err)
	require.NotNil(t, r.JSON)
	r, err = f.patch(f.group, g.ID, `[{"op":"add","path":"members","value":[`+members[2]+`]}]`)
	require.NoError(t, err)
	require.Nil(t, r.JSON)
	require.NotEmpty(t, r.ETag)
	pr, err := provider.ParseProjection(f.group, f.call.Profile, nil, []string{"members"})
	require.NoError(t, err)
	r, err = f.Patch(context.Background(), f.call, f.group, g.ID, value(t, `{"Operations":[{"op":"replace","path":"externalId","value":"y"}]}`), nil, pr)
	require.NoError(t, err)
	require.NotNil(t, r.JSON)
}
