package events_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/events"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/storage"
)

// told is the event that the rule adds to a change.
func told(t *testing.T, c *provider.Change) storage.Event {
	t.Helper()
	c.ID, c.Changed = "u1", true
	require.NoError(t, events.New(config()).Check(t.Context(), nil, c))
	require.Len(t, c.Events, 1)
	require.Equal(t, "u1", c.Events[0].Subject)
	require.Equal(t, noon, c.Events[0].Time)
	return c.Events[0]
}

func document(t *testing.T, body string) *storage.Document {
	return &storage.Document{Type: "User", ID: "u1", Body: value(t, body).AppendJSON(nil)}
}

func TestTypes(t *testing.T) {
	rooms, err := schema.Define([]schema.Source{{Name: "room", Text: `[
		{"id": "urn:example:MeetingRoom", "attributes": [{"name": "floor"}]},
		{"name": "MeetingRoom", "endpoint": "/MeetingRooms", "schema": "urn:example:MeetingRoom"}]`}})
	require.NoError(t, err)
	all := append(types(t), rooms.Types[len(rooms.Types)-1])
	for _, tt := range []struct {
		change provider.Change
		want   string
	}{
		{provider.Change{Type: all[0], Way: provider.Create}, "user.created"},
		{provider.Change{Type: all[0], Way: provider.Replace}, "user.changed"},
		{provider.Change{Type: all[0], Way: provider.Modify}, "user.changed"},
		{provider.Change{Type: all[0], Way: provider.Remove}, "user.removed"},
		{provider.Change{Type: all[0], Way: provider.Restore}, "user.restored"},
		{provider.Change{Type: all[0], Way: provider.Purge}, "user.purged"},
		{provider.Change{Type: all[1], Way: provider.Modify}, "group.changed"},
		{provider.Change{Type: all[2], Way: provider.Create}, "meetingRoom.created"},
		{provider.Change{Type: all[0], Way: provider.Create, Action: "user.invited"}, "user.invited"},
	} {
		t.Run(tt.want, func(t *testing.T) { require.Equal(t, tt.want, told(t, &tt.change).Type) })
	}
}

// TestTurns: every change of state. Only what changes a resource that is there is
// called by it, and only if the change has no name.
func TestTurns(t *testing.T) {
	user := types(t)[0]
	states := []string{"", "invited", "active", "inactive", "locked"}
	want := map[string][]string{ // before -> by state after
		"":         {"changed", "changed", "changed", "deactivated", "locked"},
		"invited":  {"changed", "changed", "changed", "deactivated", "locked"},
		"active":   {"changed", "changed", "changed", "deactivated", "locked"},
		"inactive": {"reactivated", "reactivated", "reactivated", "changed", "locked"},
		"locked":   {"unlocked", "unlocked", "unlocked", "deactivated", "changed"},
	}
	for before, row := range want {
		for i, after := range states {
			t.Run(before+" to "+after, func(t *testing.T) {
				change := provider.Change{
					Type: user, Way: provider.Modify, Document: document(t, fmt.Sprintf(`{"urn:example:Account":{"status":%q}}`, before)),
					Before: value(t, `{"userName":"not what is stored"}`),
					After:  value(t, fmt.Sprintf(`{"urn:example:Account":{"status":%q}}`, after)),
				}
				replaced, named, restored := change, change, change
				replaced.Way, named.Action, restored.Way = provider.Replace, "user.tested", provider.Restore
				require.Equal(t, "user."+row[i], told(t, &change).Type)
				require.Equal(t, "user."+row[i], told(t, &replaced).Type)
				require.Equal(t, "user.tested", told(t, &named).Type)
				require.Equal(t, "user.restored", told(t, &restored).Type)
			})
		}
	}
}

func TestUnchanged(t *testing.T) {
	c := &provider.Change{Type: types(t)[0], Action: "user.locked"}
	require.NoError(t, events.New(events.Config{}).Check(t.Context(), nil, c))
	require.Empty(t, c.Events)
}

// TestDefaults: a rule without a configuration works, with the time of the clock.
func TestDefaults(t *testing.T) {
	c := &provider.Change{Type: types(t)[0], ID: "u1", Way: provider.Modify, Changed: true, After: scim.ObjectValue(),
		Along: provider.Along{Sides: []storage.Side{{ID: "u1", Name: "x"}}}}
	rule := events.New(events.Config{})
	require.NoError(t, rule.Derive(t.Context(), nil, c))
	require.NoError(t, rule.Check(t.Context(), nil, c))
	require.Equal(t, "user.changed", c.Events[0].Type)
	require.False(t, c.Events[0].Time.IsZero())
	require.JSONEq(t, `{"actor":{"id":""}}`, string(c.Events[0].Data))
}

// TestNames: each attribute is named once, side records of other documents are
// not, and names come behind values.
func TestNames(t *testing.T) {
	e := told(t, &provider.Change{
		Type: types(t)[0], Way: provider.Modify, Document: document(t, `{}`), After: value(t, `{"title":"<&>","urn:example:Account":{"hint":"h"}}`),
		Secrets: []string{"password", urn + ":hint"},
		Along: provider.Along{Sides: []storage.Side{
			{ID: "u1", Name: "metadata:a"}, {ID: "u1", Name: "metadata:a", Data: []byte("x")}, {ID: "u2", Name: "metadata:b"}, {ID: "u1", Name: "other"},
		}},
	})
	require.Equal(t, `{"actor":{"id":""},"changes":[{"attribute":"title","value":"<&>"},{"attribute":"urn:example:Account:hint"},`+
		`{"attribute":"password"},{"attribute":"urn:example:Account:metadata[key eq \"a\"]"}]}`, string(e.Data), "compact, with no escape too much")
}

// TestGoneForGood: of what is removed or purged nothing is listed.
func TestGoneForGood(t *testing.T) {
	for _, way := range []provider.Way{provider.Remove, provider.Purge} {
		e := told(t, &provider.Change{Type: types(t)[0], Way: way, Document: document(t, `{"title":"Dr"}`), Before: value(t, `{"title":"Dr"}`)})
		require.JSONEq(t, `{"actor":{"id":""}}`, string(e.Data))
	}
}

// TestKindsOfEdges: edges belong to the attribute of their kind, which may be one
// of those that are only named.
func TestKindsOfEdges(t *testing.T) {
	for namesOnly, want := range map[string]string{
		"displayName": `{"attribute":"members","added":[{"value":"u"}]}`,
		"members":     `{"attribute":"members"}`,
	} {
		c := &provider.Change{Type: types(t)[1], ID: "g", Way: provider.Modify, Changed: true, Document: document(t, `{}`), After: scim.ObjectValue(),
			Edges: []storage.EdgeChange{{Add: []storage.Edge{{Kind: "member", From: "g", To: "u"}}}, {Add: []storage.Edge{{Kind: "friend", From: "g", To: "v"}}}}}
		require.NoError(t, events.New(events.Config{NamesOnly: []string{namesOnly}}).Check(t.Context(), nil, c))
		require.JSONEq(t, `{"actor":{"id":""},"changes":[`+want+`]}`, string(c.Events[0].Data))
	}
}

const maxData = 16 << 10

// data is what the tests look at in an event that is truncated.
type data struct {
	Changes   []events.Change
	Truncated bool
}

func read(t *testing.T, e storage.Event) (d data) {
	require.LessOrEqual(t, len(e.Data), maxData)
	require.NoError(t, json.Unmarshal(e.Data, &d))
	return d
}

// TestTruncatedMembers: of very many members the first are told.
func TestTruncatedMembers(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		s.call.Profile.UnknownReferences = true
		ids := make([]string, 1000)
		for i := range ids {
			ids[i] = fmt.Sprintf(`{"value":"member-%04d"}`, i)
		}
		staff := s.create(s.group, `{"displayName":"Staff","members":[`+strings.Join(ids, ",")+`]}`)
		e := s.history(staff)[0]
		require.True(t, e.Truncated)
		require.Len(t, e.Changes, 2)
		added := e.Changes[1].Added
		require.Greater(t, len(added), 500, "most of 16 KiB is used")
		require.Less(t, len(added), 1000)
		for i, m := range added {
			require.Equal(t, ids[i], string(m))
		}
		s.replace(s.group, staff, `{"displayName":"Staff"}`)
		e = s.history(staff)[1]
		require.True(t, e.Truncated)
		require.Greater(t, len(e.Changes[0].Removed), 500)
		require.Less(t, len(e.Changes[0].Removed), 1000)
		require.NoError(t, s.Store.View(t.Context(), "acme", func(v storage.Snapshot) error {
			log, err := v.Events(context.Background(), storage.EventQuery{Limit: 1})
			require.LessOrEqual(t, len(log[0].Data), maxData)
			require.Greater(t, len(log[0].Data), maxData-100)
			return err
		}))
	})
}

// TestTruncatedValues: every name is told, and as many values as there is room for.
func TestTruncatedValues(t *testing.T) {
	title := strings.Repeat("x", 1000)
	labels := make([]string, 20)
	for i := range labels {
		labels[i] = fmt.Sprintf(`"%02d%s"`, i, title)
	}
	after := fmt.Sprintf(`{"title":%q,"urn:example:Account":{"labels":[%s],"status":%q,"hint":"h","machine":{"description":%[1]q}}}`, title, strings.Join(labels, ","), title)
	d := read(t, told(t, &provider.Change{Type: types(t)[0], Way: provider.Create, After: value(t, after)}))
	require.True(t, d.Truncated)
	names := []string{}
	for _, c := range d.Changes {
		names = append(names, c.Attribute)
	}
	require.ElementsMatch(t, []string{"title", urn + ":labels", urn + ":status", urn + ":hint", urn + ":machine.description"}, names)
	for _, c := range d.Changes {
		if c.Attribute == urn+":labels" {
			require.Greater(t, len(c.Added), 10)
			require.Less(t, len(c.Added), 20)
		}
	}
}

// TestTruncatedNames: even names are only as many as there is room for.
func TestTruncatedNames(t *testing.T) {
	c := &provider.Change{Type: types(t)[0], Way: provider.Modify, Document: document(t, `{}`), After: value(t, `{"title":"Dr"}`)}
	for i := range 1000 {
		c.Sides = append(c.Sides, storage.Side{ID: "u1", Name: fmt.Sprintf("metadata:%04d", i)})
	}
	d := read(t, told(t, c))
	require.True(t, d.Truncated)
	require.Greater(t, len(d.Changes), 200)
	require.Less(t, len(d.Changes), 1000)
}

// TestLongTextsOfARequest: what comes with a request cannot fill an event.
func TestLongTextsOfARequest(t *testing.T) {
	long := strings.Repeat("éé\x00", 100_000)
	e := told(t, &provider.Change{
		Type: types(t)[0], Way: provider.Create, After: value(t, `{"title":"Dr"}`),
		Call: provider.Call{Actor: provider.Actor{ID: long, Name: long, User: long, Method: long}, Address: long, Correlation: long, Source: long},
	})
	d := read(t, e)
	require.False(t, d.Truncated)
	require.Len(t, d.Changes, 1)
	var r struct{ Actor events.Actor }
	require.NoError(t, json.Unmarshal(e.Data, &r))
	require.True(t, strings.HasPrefix(long, r.Actor.Name))
	require.InDelta(t, 256, len(r.Actor.Name), 3)
}
