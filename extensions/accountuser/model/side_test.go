package model_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// TestBeside: a value of metadata that changes is named; one that comes or goes is
// in the resource, and other side records are nobody's attribute.
func TestBeside(t *testing.T) {
	s := newServer(t)
	user := s.posted(`{"userName":"ada","A":{"metadata":[{"key":"a \"b\"","value":"AAE="}]}}`)
	sides := s.sides(user.ID())
	require.Len(t, sides, 2, "value and size")
	stored := &storage.Document{Type: model.User, ID: user.ID(), Body: []byte(s.asked(user.ID(), "A:metadata.key").String())}
	name := func(c provider.Change) string {
		c.Type = s.Type
		var all []string
		for _, side := range append(sides, "password", "meta:other") {
			all = append(all, model.Beside(&c, side))
		}
		return strings.Join(all, "")
	}
	after := s.asked(user.ID(), "A:metadata.key").Resource
	require.Equal(t, model.UserURN+`:metadata[key eq "a \"b\""]`, name(provider.Change{Document: stored, After: after}))
	require.Empty(t, name(provider.Change{After: after}), "created")
	require.Empty(t, name(provider.Change{Document: stored, After: user.Resource}), "removed")
	require.Empty(t, name(provider.Change{Document: &storage.Document{Body: []byte(`{}`)}, After: after}), "added")
}
