package events_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/events"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

// urn is an extension of users with what events have to deal with: a state that
// the server keeps, metadata whose values are kept beside the user, and secrets.
const urn = "urn:example:Account"

const definition = `[{"id": "urn:example:Account", "attributes": [
	{"name": "status", "mutability": "readOnly"},
	{"name": "locked", "type": "boolean"},
	{"name": "hint", "returned": "never"},
	{"name": "machine", "type": "complex", "subAttributes": [{"name": "description"}, {"name": "key", "returned": "never"}]},
	{"name": "labels", "multiValued": true},
	{"name": "cards", "type": "complex", "multiValued": true, "subAttributes": [
		{"name": "value"}, {"name": "holder"}, {"name": "pin", "returned": "never"}]},
	{"name": "metadata", "type": "complex", "multiValued": true, "returned": "request", "roster": {"computed": true}, "subAttributes": [
		{"name": "key"}, {"name": "value"}]}]},
	{"name": "User", "schemaExtensions": [{"schema": "urn:example:Account"}]}]`

func types(t testing.TB) []*schema.ResourceType {
	definitions, err := schema.Define(nil, schema.Source{Name: "account", Text: definition})
	require.NoError(t, err)
	return definitions.Types
}

// states is a rule that derives the status of users, keeps those that are removed,
// and keeps values of metadata beside them.
type states struct{}

func (states) Derive(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	if c.Type.Name != "User" || c.Way == provider.Purge {
		return nil
	}
	if c.Way == provider.Remove {
		c.After = withStatus(c.Before, "removed")
		return nil
	}
	status := "active"
	switch {
	case c.After.Get(urn).Get("locked").Bool():
		status = "locked"
	case c.After.Get("active").Kind() == scim.Bool && !c.After.Get("active").Bool():
		status = "inactive"
	}
	c.After = withStatus(c.After, status)
	var kept []scim.Value
	for _, m := range c.After.Get(urn).Get("metadata").Elements() {
		if v := m.Get("value"); !v.IsNull() {
			c.Sides = append(c.Sides, storage.Side{ID: c.ID, Name: "metadata:" + m.Get("key").Text(), Data: []byte(v.Text())})
			c.Rewrite = true
		}
		kept = append(kept, m.With("value", scim.Value{}))
	}
	if len(kept) > 0 {
		c.After = c.After.With(urn, c.After.Get(urn).With("metadata", scim.ArrayValue(kept...)))
	}
	return nil
}

func (states) Check(context.Context, storage.Snapshot, *provider.Change) error { return nil }

func withStatus(r scim.Resource, status string) scim.Resource {
	return r.With(urn, r.Get(urn).With("status", scim.StringValue(status)))
}

func metadata(ctx context.Context, s storage.Snapshot, _ provider.Call, d *storage.Document, stored scim.Value) (scim.Value, error) {
	return stored.Map(func(_ string, m scim.Value) (scim.Value, error) {
		v, err := s.Side(ctx, d.ID, "metadata:"+m.Get("key").Text())
		return m.With("value", scim.StringValue(string(v))), err
	})
}

// hasher shows that no secret gets into the log, at no cost.
type hasher struct{}

func (hasher) Hash(context.Context, auth.Secret) (string, error) { return "hash", nil }

func config() events.Config {
	return events.Config{Status: urn + ":status", Now: func() time.Time { return noon }, Beside: func(_ *provider.Change, side string) string {
		var key string
		if n, _ := fmt.Sscanf(side, "metadata:%s", &key); n == 0 {
			return ""
		}
		return fmt.Sprintf("%s:metadata[key eq %q]", urn, key)
	}}
}

var noon = time.Date(2024, 2, 29, 12, 0, 0, int(123*time.Millisecond), time.UTC)

// server is a provider with the rule, on some engine.
type server struct {
	*provider.Provider
	events.Log
	t           testing.TB
	call        provider.Call
	user, group *schema.ResourceType
}

// onEachEngine runs a test on a new server with each engine, which is checked in
// the end.
func onEachEngine(t *testing.T, test func(*testing.T, *server)) {
	for name, open := range map[string]func([]storage.Index) (storage.Store, error){
		"memory": func(indexes []storage.Index) (storage.Store, error) { return memory.New(indexes), nil },
		"bolt": func(indexes []storage.Index) (storage.Store, error) {
			return bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "roster.db"), Indexes: indexes, NoSync: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			all := types(t)
			store, err := open(query.Indexes(all))
			require.NoError(t, err)
			t.Cleanup(func() {
				require.NoError(t, store.(storage.Checker).Check(context.Background(), func(problem string) { t.Error(problem) }))
				require.NoError(t, store.Close())
			})
			p, err := provider.New(provider.Config{
				Store: store, Types: all, Hasher: hasher{}, Rules: []provider.Rule{states{}, events.New(config())},
				Computed: []provider.Computed{{Type: "User", Path: urn + ":metadata", Value: metadata}},
			})
			require.NoError(t, err)
			test(t, &server{Provider: p, Log: events.Log{Store: store}, t: t, user: all[0], group: all[1], call: provider.Call{
				Account: "acme", Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Base: "https://x/scim/v2",
				Actor: provider.Actor{ID: "token-1", Name: "Okta", User: "robot-1", Method: "pat"}, Address: "192.0.2.7", Correlation: "request-1", Source: "scim",
			}})
		})
	}
}

func value(t testing.TB, text string) scim.Value {
	v, err := scim.ParseJSON([]byte(text))
	require.NoError(t, err)
	return v
}

func (s *server) create(rt *schema.ResourceType, body string) string {
	s.t.Helper()
	r, err := s.Create(context.Background(), s.call, rt, value(s.t, body), provider.Projection{})
	require.NoError(s.t, err)
	return r.ID
}

func (s *server) replace(rt *schema.ResourceType, id, body string) {
	s.t.Helper()
	_, err := s.Replace(context.Background(), s.call, rt, id, value(s.t, body), nil, provider.Projection{})
	require.NoError(s.t, err)
}

func (s *server) patch(rt *schema.ResourceType, id, ops string) {
	s.t.Helper()
	require.NoError(s.t, s.tryPatch(rt, id, ops))
}

func (s *server) tryPatch(rt *schema.ResourceType, id, ops string) error {
	_, err := s.Patch(context.Background(), s.call, rt, id, value(s.t, `{"Operations":`+ops+`}`), nil, provider.Projection{})
	return err
}

func (s *server) edit(id string, e provider.Edit) {
	s.t.Helper()
	_, err := s.Edit(context.Background(), s.call, s.user, id, e)
	require.NoError(s.t, err)
}

// history reads all that there is, of a subject or of the account.
func (s *server) history(subject string) []events.Event {
	s.t.Helper()
	page, err := s.Log.Read(context.Background(), s.call.Account, events.Query{Subject: subject, Limit: events.MaxLimit})
	require.NoError(s.t, err)
	require.Zero(s.t, page.Next)
	return page.Events
}

func typesOf(history []events.Event) []string {
	names := []string{}
	for _, e := range history {
		names = append(names, e.Type)
	}
	return names
}

// last is the changes of the last event, as JSON.
func (s *server) last(subject string) string {
	s.t.Helper()
	history := s.history(subject)
	require.NotEmpty(s.t, history)
	return asJSON(s.t, history[len(history)-1].Changes)
}

func asJSON(t testing.TB, v any) string {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}
