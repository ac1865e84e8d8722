package app_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/cmd/internal/app"
	"roster/extensions"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/scim/server"
	"roster/storage"
)

// lockers is an extension with everything that one can have: lockers are given to
// users, are numbered, are painted once they are there, and are counted.
type lockers struct{ painted chan string }

const lockerDefinitions = `[
	{"id": "urn:example:Locker", "attributes": [
		{"name": "number", "type": "integer", "required": true, "roster": {"index": true}},
		{"name": "label", "mutability": "readOnly"},
		{"name": "owner", "returned": "request", "mutability": "readOnly", "roster": {"computed": true}}]},
	{"name": "Locker", "endpoint": "/Lockers", "schema": "urn:example:Locker"}]`

func (l lockers) extension() extensions.Extension {
	return extensions.Extension{
		Name:        "lockers",
		Definitions: []schema.Source{{Name: "lockers", Text: lockerDefinitions}},
		Rules:       []provider.Rule{l},
		Computed: []provider.Computed{{Type: "Locker", Path: "owner", Value: func(context.Context, storage.Snapshot, provider.Call, *storage.Document, scim.Value) (scim.Value, error) {
			return scim.StringValue("nobody"), nil
		}}},
		Serve: func(h extensions.Host) extensions.Service {
			return extensions.Service{Surface: &httpauth.Surface{Root: "/lockers",
				Routes: []httpauth.Route{{Method: "GET", Pattern: "/lockers/count", Scope: auth.UserRead, Name: "count lockers", Handler: count(h)}},
				Fail:   func(w http.ResponseWriter, _ *http.Request, status int, detail string) { http.Error(w, detail, status) }}}
		},
		Run: func(ctx context.Context, h extensions.Host) error {
			l.painted <- h.Type("Locker").Endpoint
			<-ctx.Done()
			return nil
		},
	}
}

func (lockers) Derive(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	if c.Type.Name == "Locker" && !c.After.IsNull() {
		c.After = c.After.With("label", scim.StringValue("No. "+c.After.Get("number").Text()))
	}
	return nil
}

func (lockers) Check(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	if n, _ := c.After.Get("number").Int(); c.Type.Name == "Locker" && n < 0 {
		return scim.BadRequest(scim.InvalidValue, "a locker has no negative number")
	}
	return nil
}

func count(h extensions.Host) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		account := storage.Account(auth.PrincipalFrom(r.Context()).Account)
		_, total, err := h.Provider.Search(r.Context(), provider.Call{Account: account, Limits: scim.DefaultLimits()}, h.Type("Locker"), provider.ListRequest{})
		fmt.Fprint(w, total, err)
	})
}

// TestExtension: what an extension contributes is served like everything else.
func TestExtension(t *testing.T) {
	l := lockers{painted: make(chan string, 1)}
	h := newHarness(t, false, func(c *app.Config) { c.Extensions = []extensions.Extension{l.extension()} })
	token := h.account("a", "default", auth.SCIM, auth.UserRead)
	h.base = strings.TrimSuffix(h.base, server.Root)
	_, body := h.send(token, "POST", "/scim/v2/Lockers", `{"number": 7}`)
	require.Contains(t, body, `"label":"No. 7"`)
	_, body = h.send(token, "POST", "/scim/v2/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","bulkId":"x","path":"/Lockers","data":{"number":-1}}]}`)
	require.Contains(t, body, "no negative number")
	_, body = h.send(token, "GET", "/scim/v2/Lockers?filter=number%20gt%206%20and%20owner%20eq%20%22nobody%22&attributes=owner", "")
	require.Contains(t, body, `"owner":"nobody"`)
	_, body = h.send(token, "GET", "/lockers/count", "")
	require.Equal(t, "1 <nil>", body)
	status, _ := h.send(h.token("a", auth.SCIM), "GET", "/lockers/count", "")
	require.Equal(t, 403, status)

	ctx, stop := context.WithCancel(context.Background())
	go func() { assert.Equal(t, "/Lockers", <-l.painted); stop() }()
	h.Work(ctx)
}
