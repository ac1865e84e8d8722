package provider_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage/memory"
)

const badgeDefinition = `[{"id": "urn:example:Badge", "name": "Badge", "attributes": [
	{"name": "number", "required": true, "uniqueness": "server"}, {"name": "label"}, {"name": "note", "returned": "request"}]},
	{"name": "Badge", "endpoint": "/Badges", "schema": "urn:example:Badge"}]`

const otherBadgeDefinition = `[{"id": "urn:example:OtherBadge", "name": "Badge", "attributes": [{"name": "title"}]},
	{"name": "Badge", "endpoint": "/Badges", "schema": "urn:example:OtherBadge"}]`

func define(t *testing.T, definition string) []*schema.ResourceType {
	definitions, err := schema.Define(nil, schema.Source{Name: "badge", Text: definition})
	require.NoError(t, err)
	return definitions.Types
}

// otherBadge shows badges with other names to accounts whose profile is called so.
func otherBadge(t *testing.T, id string) provider.Representation {
	return provider.Representation{
		Type: define(t, otherBadgeDefinition)[2],
		For:  func(p scim.Profile) bool { return p.Name == "other" },
		ID:   id,
		Show: func(r scim.Resource) scim.Resource {
			return value(t, `{"schemas": ["urn:example:OtherBadge"]}`).With("title", r.Get("label"))
		},
	}
}

// TestRepresentation: some accounts find, read and change a resource by another id
// and in another form; the others, and what is stored, know nothing of it.
func TestRepresentation(t *testing.T) {
	ctx := context.Background()
	types := define(t, badgeDefinition)
	store := memory.New(query.Indexes(types))
	p, err := provider.New(provider.Config{Store: store, Types: types, Hasher: reverse{}, Representations: []provider.Representation{otherBadge(t, "number")}})
	require.NoError(t, err)
	badge := types[2]
	plain := provider.Call{Account: "a", Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Base: "https://x/scim/v2"}
	other := plain
	other.Profile.Name = "other"

	made, err := p.Create(ctx, plain, badge, value(t, `{"number": "B/1", "label": "first"}`), provider.Projection{})
	require.NoError(t, err)
	wanted, err := provider.ParseProjection(badge, other.Profile, []string{"note"}, nil)
	require.NoError(t, err)
	for _, id := range []string{"B/1", "b/1", made.ID} {
		shown, err := p.Get(ctx, other, badge, id, wanted)
		require.NoError(t, err)
		require.Equal(t, "B/1", shown.ID)
		require.Equal(t, "https://x/scim/v2/Badges/B%2F1", shown.Location)
		require.Equal(t, made.ETag, shown.ETag)
		meta := value(t, string(shown.JSON)).Get("meta")
		require.Equal(t, shown.Location, meta.Get("location").Text())
		require.JSONEq(t, `{"schemas": ["urn:example:OtherBadge"], "id": "B/1", "title": "first", "meta": `+meta.String()+`}`, string(shown.JSON))
	}
	list, err := p.List(ctx, other, types, provider.ListRequest{Filter: `label eq "first"`, Count: 10})
	require.NoError(t, err)
	require.Equal(t, "B/1", list.Resources[0].ID)

	_, err = p.Get(ctx, plain, badge, "B/1", provider.Projection{})
	require.Equal(t, 404, refusal(t, err).Status)
	_, err = p.Get(ctx, other, badge, "B/2", provider.Projection{})
	require.Equal(t, 404, refusal(t, err).Status)

	at := func(etag string) error {
		if etag != made.ETag {
			return scim.Errorf(412, "", "stale")
		}
		return nil
	}
	changed, err := p.Patch(ctx, other, badge, "B/1", value(t, `{"Operations": [{"op": "replace", "path": "label", "value": "second"}]}`), at, provider.Projection{})
	require.NoError(t, err)
	require.Equal(t, "second", value(t, string(changed.JSON)).Get("title").Text())
	require.Equal(t, types, p.Represented(plain.Profile, types))
	discovered := p.Represented(other.Profile, types)
	require.Equal(t, "urn:example:OtherBadge", discovered[2].Schema.ID)
	require.Equal(t, types[:2], discovered[:2])
	require.NoError(t, p.Delete(ctx, other, badge, "B/1", nil))
}

// TestRepresentationMustFit: what is shown as the id is unique, and always there.
func TestRepresentationMustFit(t *testing.T) {
	types := define(t, badgeDefinition)
	_, err := provider.New(provider.Config{Store: memory.New(nil), Types: types, Representations: []provider.Representation{otherBadge(t, "label")}})
	require.ErrorContains(t, err, "attribute label of Badge cannot be shown as the id")
	_, err = provider.New(provider.Config{Store: memory.New(nil), Types: schema.Core(), Representations: []provider.Representation{otherBadge(t, "number")}})
	require.ErrorContains(t, err, "resource type Badge has a representation, but is not served")
}
