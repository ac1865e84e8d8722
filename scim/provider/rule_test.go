package provider_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/memory"
)

// lockerURN is an extension of users with everything that rules and computed
// attributes can do: the server counts changes, notes are kept beside the user,
// and a removed user is kept.
const lockerURN = "urn:example:Locker"

const lockerDefinition = `[{"id": "urn:example:Locker", "attributes": [
	{"name": "changes", "type": "integer", "mutability": "readOnly"},
	{"name": "notes", "type": "complex", "multiValued": true, "returned": "request", "roster": {"computed": true}, "subAttributes": [
		{"name": "key", "roster": {"index": true}}, {"name": "text"}]},
	{"name": "greeting", "mutability": "readOnly", "returned": "request", "roster": {"computed": true}}]},
	{"name": "User", "schemaExtensions": [{"schema": "urn:example:Locker"}]}]`

type locker struct{}

func (locker) Derive(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	if c.Type.Name != "User" {
		return nil
	}
	if c.Way == provider.Remove {
		c.After = c.Before
		return nil
	}
	if c.After.Get("userName").Text() == "refused" {
		return scim.BadRequest(scim.InvalidValue, "refused")
	}
	own := c.After.Get(lockerURN)
	n, _ := c.Before.Get(lockerURN).Get("changes").Int()
	if c.Way == provider.Create || !own.Get("notes").IsNull() {
		own = own.With("changes", scim.IntValue(n+1))
	}
	var kept []scim.Value
	for _, note := range own.Get("notes").Elements() {
		if text := note.Get("text"); !text.IsNull() {
			c.Sides = append(c.Sides, storage.Side{ID: c.ID, Name: "note:" + note.Get("key").Text(), Data: []byte(text.Text())})
			c.Rewrite = true
		}
		kept = append(kept, note.With("text", scim.Value{}))
	}
	if len(kept) > 0 {
		own = own.With("notes", scim.ArrayValue(kept...))
	}
	c.After = c.After.With(lockerURN, own)
	return nil
}

func (locker) Check(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	c.Events = append(c.Events, storage.Event{Type: fmt.Sprint(c.Type.Name, c.Way, c.Action), Subject: c.ID})
	if c.Way == provider.Create && c.Type.Name == "User" {
		c.Counters = append(c.Counters, storage.CounterStep{Name: "users", Delta: 1})
		c.Guards = append(c.Guards, storage.CounterWithin{Name: "users", Max: 20})
	}
	return nil
}

func (locker) notes(ctx context.Context, s storage.Snapshot, _ provider.Call, d *storage.Document, stored scim.Value) (scim.Value, error) {
	return stored.Map(func(_ string, note scim.Value) (scim.Value, error) {
		text, err := s.Side(ctx, d.ID, "note:"+note.Get("key").Text())
		return note.With("text", scim.StringValue(string(text))), err
	})
}

func (locker) greeting(_ context.Context, _ storage.Snapshot, _ provider.Call, d *storage.Document, _ scim.Value) (scim.Value, error) {
	return scim.StringValue("hello " + query.Resource(d).Get("userName").Text()), nil
}

func newLockers(t *testing.T) *fixture {
	definitions, err := schema.Define(nil, schema.Source{Name: "locker", Text: lockerDefinition})
	require.NoError(t, err)
	store := memory.New(query.Indexes(definitions.Types))
	t.Cleanup(func() {
		require.NoError(t, store.Check(context.Background(), func(problem string) { t.Error(problem) }))
	})
	l := locker{}
	p, err := provider.New(provider.Config{Store: store, Types: definitions.Types, Hasher: reverse{}, Rules: []provider.Rule{l},
		Computed: []provider.Computed{
			{Type: "User", Path: lockerURN + ":notes", Value: l.notes},
			{Type: "User", Path: lockerURN + ":greeting", Value: l.greeting},
		}})
	require.NoError(t, err)
	return &fixture{Provider: p, t: t, user: definitions.Types[0], group: definitions.Types[1],
		call: provider.Call{Account: "a", Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Base: "https://x/scim/v2"}}
}

func (f *fixture) events() (types []string) {
	require.NoError(f.t, f.Store.View(context.Background(), "a", func(s storage.Snapshot) error {
		events, err := s.Events(context.Background(), storage.EventQuery{Limit: 1000})
		for _, e := range events {
			types = append(types, e.Type)
		}
		return err
	}))
	return types
}

func (f *fixture) locker(id string, attributes ...string) scim.Value {
	projection, err := provider.ParseProjection(f.user, f.call.Profile, attributes, nil)
	require.NoError(f.t, err)
	r, err := f.Read(context.Background(), f.call, f.user, id, projection)
	require.NoError(f.t, err)
	return r.Get(lockerURN)
}

// TestRulesHoldOnEveryWayIn: what a rule derives is stored, what it adds is in the
// same batch, and a change that changes nothing carries nothing along.
func TestRulesHoldOnEveryWayIn(t *testing.T) {
	f := newLockers(t)
	ann := f.create(f.user, `{"userName": "ann"}`)
	require.JSONEq(t, `{"changes": 1}`, f.locker(ann.ID).String())
	_, err := f.patch(f.user, ann.ID, `[{"op": "add", "path": "userName", "value": "ann"}]`)
	require.NoError(t, err)
	require.Equal(t, []string{"User0"}, f.events(), "nothing changed")

	group := f.create(f.group, `{"displayName": "g"}`)
	add := `[{"op": "add", "path": "members", "value": [{"value": "` + ann.ID + `"}]}]`
	for range 2 {
		_, err = f.patch(f.group, group.ID, add)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"User0", "Group0", "Group2"}, f.events(), "the second time changed nothing")

	for _, refused := range []func() error{
		func() error {
			_, err := f.Create(context.Background(), f.call, f.user, value(t, `{"userName": "refused"}`), provider.Projection{})
			return err
		},
		func() error {
			_, err := f.Replace(context.Background(), f.call, f.user, ann.ID, value(t, `{"userName": "refused"}`), nil, provider.Projection{})
			return err
		},
		func() error {
			_, err := f.patch(f.user, ann.ID, `[{"op": "replace", "path": "userName", "value": "refused"}]`)
			return err
		},
		func() error {
			_, err := f.Edit(context.Background(), f.call, f.user, ann.ID, provider.Edit{Compute: compute(`{"userName": "refused"}`)})
			return err
		},
	} {
		require.Equal(t, "refused", refusal(t, refused()).Detail)
	}
}

func compute(text string) func(context.Context, storage.Snapshot, *storage.Document, scim.Resource) (scim.Resource, provider.Along, error) {
	return func(context.Context, storage.Snapshot, *storage.Document, scim.Resource) (scim.Resource, provider.Along, error) {
		v, err := scim.ParseJSON([]byte(text))
		return v, provider.Along{}, err
	}
}

// TestComputed: computed attributes are shown where they are asked for, found by
// filters, and changed by PATCH as if they were stored.
func TestComputed(t *testing.T) {
	f := newLockers(t)
	ann := f.create(f.user, `{"userName": "ann", "urn:example:Locker": {"notes": [{"key": "a", "text": "one"}, {"key": "b", "text": "two"}]}}`)
	f.create(f.user, `{"userName": "bob"}`)
	require.JSONEq(t, `{"changes": 1}`, f.get(f.user, ann.ID).Get(lockerURN).String(), "only on request")
	require.JSONEq(t, `{"notes": [{"key": "a", "text": "one"}, {"key": "b", "text": "two"}]}`, f.locker(ann.ID, lockerURN+":notes").String())
	require.JSONEq(t, `{"greeting": "hello ann"}`, f.locker(ann.ID, lockerURN+":greeting").String())

	changed, err := f.patch(f.user, ann.ID, `[{"op": "replace", "path": "urn:example:Locker:notes[text eq \"two\"].text", "value": "three"}]`)
	require.NoError(t, err)
	require.Contains(t, string(changed.JSON), "three", "a change answers what it was sent")
	require.NotEqual(t, ann.ETag, changed.ETag)

	for filter, want := range map[string][]string{
		`urn:example:Locker:notes.key eq "a"`:                          {"ann"},
		`urn:example:Locker:notes.text eq "three"`:                     {"ann"},
		`urn:example:Locker:notes[key eq "b" and text eq "three"]`:     {"ann"},
		`urn:example:Locker:notes[key eq "a" and text eq "three"]`:     nil,
		`urn:example:Locker:greeting sw "hello" and userName ne "ann"`: {"bob"},
		`not (urn:example:Locker:greeting eq "hello bob")`:             {"ann"},
	} {
		found, total, err := f.Search(context.Background(), f.call, f.user, provider.ListRequest{Filter: filter, Count: 10})
		require.NoError(t, err, filter)
		require.Equal(t, len(want), total, filter)
		for i, r := range found {
			require.Equal(t, want[i], r.Get("userName").Text(), filter)
		}
	}
	_, _, err = f.Search(context.Background(), f.call, f.user, provider.ListRequest{SortBy: lockerURN + ":greeting", Count: 10})
	require.Equal(t, scim.InvalidValue, refusal(t, err).Type)

	_, err = f.Replace(context.Background(), f.call, f.user, ann.ID, value(t, `{"userName": "ann", "title": "Dr"}`), nil, provider.Projection{})
	require.NoError(t, err)
	require.Equal(t, 2, f.locker(ann.ID, lockerURN+":notes").Get("notes").Len(), "a client that does not know the extension takes nothing away")
}

// TestRemovedIsKept: a rule can keep a removed resource. It is out of sight, frees
// its unique values, can be restored if they are still free, or purged.
func TestRemovedIsKept(t *testing.T) {
	ctx := context.Background()
	f := newLockers(t)
	ann := f.create(f.user, `{"userName": "ann", "title": "Dr", "urn:example:Locker": {"notes": [{"key": "a", "text": "one"}]}}`)
	group := f.create(f.group, `{"displayName": "g", "members": [{"value": "`+ann.ID+`"}]}`)
	restore := provider.Edit{Way: provider.Restore, Action: "back", Compute: func(_ context.Context, _ storage.Snapshot, _ *storage.Document, before scim.Resource) (scim.Resource, provider.Along, error) {
		return before, provider.Along{}, nil
	}}
	_, err := f.Edit(ctx, f.call, f.user, ann.ID, restore)
	require.ErrorIs(t, err, provider.ErrNotRemoved)

	require.NoError(t, f.Delete(ctx, f.call, f.user, ann.ID, nil))
	require.Equal(t, 404, refusal(t, f.Delete(ctx, f.call, f.user, ann.ID, nil)).Status)
	_, err = f.Get(ctx, f.call, f.user, ann.ID, provider.Projection{})
	require.Equal(t, 404, refusal(t, err).Status)
	require.True(t, f.get(f.group, group.ID).Get("members").IsNull())
	_, total, err := f.Search(ctx, f.call, f.user, provider.ListRequest{Filter: `title eq "Dr"`})
	require.NoError(t, err)
	require.Zero(t, total)

	other := f.create(f.user, `{"userName": "ann"}`)
	_, err = f.Edit(ctx, f.call, f.user, ann.ID, restore)
	require.Equal(t, scim.Uniqueness, refusal(t, err).Type)
	require.NoError(t, f.Delete(ctx, f.call, f.user, other.ID, nil))

	back, err := f.Edit(ctx, f.call, f.user, ann.ID, restore)
	require.NoError(t, err)
	require.Equal(t, "Dr", back.Get("title").Text())
	require.JSONEq(t, `{"notes": [{"key": "a", "text": "one"}]}`, f.locker(ann.ID, lockerURN+":notes").String())
	require.True(t, f.get(f.group, group.ID).Get("members").IsNull(), "memberships do not come back")

	require.NoError(t, f.Delete(ctx, f.call, f.user, ann.ID, nil))
	_, err = f.Edit(ctx, f.call, f.user, ann.ID, provider.Edit{Way: provider.Purge})
	require.NoError(t, err)
	_, err = f.Edit(ctx, f.call, f.user, ann.ID, restore)
	require.Equal(t, 404, refusal(t, err).Status)
	require.Contains(t, strings.Join(f.events(), " "), "User4back")
}

// TestGuardsOfRulesHoldAtCommit: twenty of fifty that come at once.
func TestGuardsOfRulesHoldAtCommit(t *testing.T) {
	f := newLockers(t)
	var all sync.WaitGroup
	var mutex sync.Mutex
	made := 0
	for i := range 50 {
		all.Go(func() {
			_, err := f.Create(context.Background(), f.call, f.user, value(t, fmt.Sprintf(`{"userName": "u%d"}`, i)), provider.Projection{})
			mutex.Lock()
			defer mutex.Unlock()
			if err == nil {
				made++
			}
		})
	}
	all.Wait()
	require.Equal(t, 20, made)
	require.Len(t, f.events(), 20)
}

// TestEditWithoutChange: what an edit carries along happens also if the resource
// stays as it is, and does not move its version.
func TestEditWithoutChange(t *testing.T) {
	f := newLockers(t)
	ann := f.create(f.user, `{"userName": "ann"}`)
	r, err := f.Edit(context.Background(), f.call, f.user, ann.ID, provider.Edit{Way: provider.Modify, Action: "noted",
		Compute: func(_ context.Context, _ storage.Snapshot, _ *storage.Document, before scim.Resource) (scim.Resource, provider.Along, error) {
			return before, provider.Along{Sides: []storage.Side{{ID: ann.ID, Name: "x", Data: []byte("y")}}}, nil
		}})
	require.NoError(t, err)
	require.Equal(t, ann.ETag, r.Get("meta").Get("version").Text())
	require.Equal(t, []string{"User0", "User2noted"}, f.events())
}

// TestComputedMustBeMade: a mark and its function come together.
func TestComputedMustBeMade(t *testing.T) {
	definitions, err := schema.Define(nil, schema.Source{Name: "locker", Text: lockerDefinition})
	require.NoError(t, err)
	_, err = provider.New(provider.Config{Store: memory.New(nil), Types: definitions.Types})
	require.ErrorContains(t, err, "nothing computes attribute urn:example:Locker:notes of User")
	_, err = provider.New(provider.Config{Store: memory.New(nil), Types: schema.Core(), Computed: []provider.Computed{{Type: "User", Path: "x"}}})
	require.ErrorContains(t, err, "no attribute is marked as computed: User x")
	_, err = schema.Define([]schema.Source{{Name: "file", Text: lockerDefinition}})
	require.ErrorContains(t, err, `the member "computed" is unknown`, "files have nothing that computes")
}

// reader is a rule that looks at the document of each change.
type reader struct{ decoded int }

func (r *reader) Derive(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	if c.Document != nil {
		c.Document.Decoded(func(*storage.Document) any { r.decoded++; return scim.Resource{} })
	}
	return nil
}

func (r *reader) Check(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	return r.Derive(ctx, s, c)
}

// TestRulesShareDocument: what a change read was decoded once, for all rules.
func TestRulesShareDocument(t *testing.T) {
	ctx, rule := context.Background(), &reader{}
	types := schema.Core()
	p, err := provider.New(provider.Config{Store: memory.New(query.Indexes(types)), Types: types, Rules: []provider.Rule{rule}})
	require.NoError(t, err)
	call := provider.Call{Account: "a", Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits()}
	user := types[0]
	body := func(text string) scim.Value {
		v, err := scim.ParseJSON([]byte(text))
		require.NoError(t, err)
		return v
	}
	made, err := p.Create(ctx, call, user, body(`{"userName":"x"}`), provider.Projection{})
	require.NoError(t, err)
	_, err = p.Replace(ctx, call, user, made.ID, body(`{"userName":"y"}`), nil, provider.Projection{})
	require.NoError(t, err)
	_, err = p.Patch(ctx, call, user, made.ID, body(`{"Operations":[{"op":"add","path":"title","value":"z"}]}`), nil, provider.Projection{})
	require.NoError(t, err)
	require.NoError(t, p.Delete(ctx, call, user, made.ID, nil))
	require.Zero(t, rule.decoded)
}
