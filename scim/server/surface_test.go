package server_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/scim/server"
	"roster/storage"
	"roster/storage/memory"
)

// calls is a rule that notes on whose behalf changes are made.
type calls []provider.Call

func (l *calls) Derive(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	*l = append(*l, c.Call)
	return nil
}

func (*calls) Check(context.Context, storage.Snapshot, *provider.Change) error { return nil }

// TestCallSaysWhoAndHow: rules, and the history that they write, learn who makes a
// change, in answer to which request, and that it came by SCIM.
func TestCallSaysWhoAndHow(t *testing.T) {
	types, seen := schema.Core(), &calls{}
	p, err := provider.New(provider.Config{Store: memory.New(query.Indexes(types)), Types: types, Hasher: plainHasher{}, Rules: []provider.Rule{seen}})
	require.NoError(t, err)
	s := serve(t, &bytes.Buffer{}, server.Config{Provider: p, Types: types, Settings: defaults})
	w := send(t, s, "POST /Users\nAuthorization: Bearer a/7\nX-Correlation-Id: c-1", `{"userName":"anna"}`)
	require.Equal(t, 201, w.Code, w.Body)
	require.Equal(t, "c-1", w.Header().Get("X-Correlation-Id"))
	require.Len(t, *seen, 1)
	call := (*seen)[0]
	require.Equal(t, provider.Account("a"), call.Account)
	require.Equal(t, provider.Actor{ID: "test", Name: "Test token", User: "7"}, call.Actor)
	require.Equal(t, "c-1", call.Correlation)
	require.Equal(t, "scim", call.Source)
}

func defaults(context.Context, string) (scim.Profile, scim.Limits, error) {
	return scim.DefaultProfile(), scim.DefaultLimits(), nil
}

// TestContributedTypesAreServed: what an extension of the server contributes is
// described and reached as the core's types are.
func TestContributedTypesAreServed(t *testing.T) {
	definitions, err := schema.Define(nil, schema.Source{Name: "badge.json", Text: `[
		{"name":"Badge","endpoint":"/Badges","schema":"urn:example:Badge"},
		{"id":"urn:example:Badge","attributes":[{"name":"colour"}]}]`})
	require.NoError(t, err)
	types := definitions.Types
	p, err := provider.New(provider.Config{Store: memory.New(query.Indexes(types)), Types: types, Hasher: plainHasher{}})
	require.NoError(t, err)
	s := serve(t, &bytes.Buffer{}, server.Config{Provider: p, Types: types, Settings: defaults})
	for _, row := range []struct{ request, body, want string }{
		{"GET /ResourceTypes", "", `"endpoint":"/Badges"`},
		{"GET /ResourceTypes/Badge", "", `"schema":"urn:example:Badge"`},
		{"GET /Schemas", "", `"id":"urn:example:Badge"`},
		{"GET /Schemas/urn%3Aexample%3abadge", "", `"name":"colour"`},
		{"POST /Badges", `{"schemas":["urn:example:Badge"],"colour":"red"}`, `"resourceType":"Badge"`},
		{"GET /Badges?filter=colour+eq+%22red%22", "", `"totalResults":1`},
	} {
		w := send(t, s, row.request, row.body)
		require.Less(t, w.Code, 300, "%s: %s", row.request, w.Body)
		require.Contains(t, w.Body.String(), row.want, row.request)
	}
}

// TestRefusalsComeBeforeNegotiation: who may not have an answer is not asked in
// which form.
func TestRefusalsComeBeforeNegotiation(t *testing.T) {
	s := newServer(t, &bytes.Buffer{})
	for request, status := range map[string]int{
		"GET /Users\nAccept: text/html":                            406,
		"GET /Users\nAccept: text/html\nAuthorization: ":           401,
		"GET /Users\nAccept: text/html\nAuthorization: Bearer a,b": 400,
		"GET /Nothing\nAccept: text/html":                          404,
		"PUT /Users\nAccept: text/html":                            405,
	} {
		w := send(t, s, request, "")
		require.Equal(t, status, w.Code, request)
		require.Equal(t, scim.MediaType, w.Header().Get("Content-Type"), request)
		require.Contains(t, w.Body.String(), scim.MessageError, request)
	}
}
