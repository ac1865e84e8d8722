package provider_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/memory"
)

// stripper stores the keys of notes alone; their texts are made.
type stripper struct{}

func (stripper) Derive(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	own := c.After.Get(lockerURN)
	notes, err := own.Get("notes").Map(func(_ string, note scim.Value) (scim.Value, error) {
		return note.With("text", scim.Value{}), nil
	})
	c.After = c.After.With(lockerURN, own.With("notes", notes))
	return err
}

func (stripper) Check(context.Context, storage.Snapshot, *provider.Change) error { return nil }

func (stripper) notes(_ context.Context, _ storage.Snapshot, _ provider.Call, _ *storage.Document, stored scim.Value) (scim.Value, error) {
	return stored.Map(func(_ string, note scim.Value) (scim.Value, error) {
		return note.With("text", scim.StringValue("made")), nil
	})
}

// TestPatchOfCompletedWithoutChange: a PATCH that names what is completed for it,
// and leaves it as it is, makes no version.
func TestPatchOfCompletedWithoutChange(t *testing.T) {
	definitions, err := schema.Define(nil, schema.Source{Name: "locker", Text: lockerDefinition})
	require.NoError(t, err)
	l := stripper{}
	p, err := provider.New(provider.Config{Store: memory.New(query.Indexes(definitions.Types)), Types: definitions.Types, Rules: []provider.Rule{l},
		Computed: []provider.Computed{
			{Type: "User", Path: lockerURN + ":notes", Value: l.notes},
			{Type: "User", Path: lockerURN + ":greeting", Value: locker{}.greeting},
		}})
	require.NoError(t, err)
	f := &fixture{Provider: p, t: t, user: definitions.Types[0],
		call: provider.Call{Account: "a", Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits()}}
	ann := f.create(f.user, `{"userName": "ann", "urn:example:Locker": {"notes": [{"key": "a"}]}}`)
	for _, ops := range []string{
		`[{"op": "replace", "path": "urn:example:Locker:notes[text eq \"made\"].key", "value": "a"}]`,
		`[{"op": "add", "path": "urn:example:Locker:notes", "value": [{"key": "a", "text": "made"}]}]`,
	} {
		changed, err := f.patch(f.user, ann.ID, ops)
		require.NoError(t, err)
		require.Equal(t, ann.ETag, changed.ETag, ops)
	}
	changed, err := f.patch(f.user, ann.ID, `[{"op": "remove", "path": "urn:example:Locker:notes[text eq \"made\"]"}]`)
	require.NoError(t, err)
	require.NotEqual(t, ann.ETag, changed.ETag)
}
