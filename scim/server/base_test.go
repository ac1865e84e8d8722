package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/scim/server"
	"roster/storage/memory"
)

// serveFrom serves requests that all have that origin.
func serveFrom(t *testing.T, origin auth.Origin, publicURL string) http.Handler {
	types := schema.Core()
	p, err := provider.New(provider.Config{Store: memory.New(query.Indexes(types)), Types: types, Hasher: plainHasher{}})
	require.NoError(t, err)
	surface := server.New(server.Config{Provider: p, Types: types, Settings: defaults, PublicURL: publicURL})
	for i, route := range surface.Routes {
		surface.Routes[i].Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			route.Handler.ServeHTTP(w, r.WithContext(auth.WithOrigin(r.Context(), origin)))
		})
	}
	m, err := httpauth.NewMux(httpauth.Config{Authenticator: everyone{}, Named: byID, Logger: slog.New(slog.DiscardHandler)}, surface)
	require.NoError(t, err)
	return m
}

// TestBase: locations are where the operator says, else where the client says that
// it reached the server, and below the account if the client has it in its paths.
func TestBase(t *testing.T) {
	behindProxy := auth.Origin{Scheme: "https", Host: "front.example:8443"}
	inAccount := auth.Origin{Scheme: "https", Host: "front.example", Account: "acme"}
	for _, row := range []struct {
		origin          auth.Origin
		publicURL, want string
	}{
		{auth.Origin{}, "", "http://example.com/scim/v2"},
		{auth.Origin{}, "https://scim.example.com/", "https://scim.example.com/scim/v2"},
		{behindProxy, "", "https://front.example:8443/scim/v2"},
		{behindProxy, "https://scim.example.com", "https://scim.example.com/scim/v2"},
		{inAccount, "", "https://front.example/scim/v2/accounts/acme"},
		{inAccount, "https://scim.example.com", "https://scim.example.com/scim/v2/accounts/acme"},
		{auth.Origin{Account: "acme"}, "", "http://example.com/scim/v2/accounts/acme"},
		{auth.Origin{Account: `a/b "c"{base}`}, "", "http://example.com/scim/v2/accounts/a%2Fb%20%22c%22%7Bbase%7D"},
	} {
		s := serveFrom(t, row.origin, row.publicURL)
		w := send(t, s, "POST /Users", `{"userName":"anna"}`)
		require.Equal(t, 201, w.Code, w.Body)
		location := w.Header().Get("Location")
		require.Equal(t, row.want+"/Users/", location[:strings.LastIndex(location, "/")+1])
		require.Equal(t, location, w.Header().Get("Content-Location"))
		require.Contains(t, w.Body.String(), `"location":"`+location+`"`)
		id := strings.TrimPrefix(location, row.want+"/Users/")

		w = send(t, s, "POST /Groups", `{"displayName":"all","members":[{"value":"`+id+`"}]}`)
		require.Contains(t, w.Body.String(), `"$ref":"`+location+`"`)
		w = send(t, s, "POST /Bulk", `{"Operations":[{"method":"POST","bulkId":"1","path":"/Users","data":{"userName":"bob"}}]}`)
		require.Contains(t, w.Body.String(), `"location":"`+row.want+`/Users/`)

		for _, path := range []string{"/ServiceProviderConfig", "/Schemas", "/ResourceTypes/User"} {
			body := send(t, s, "GET "+path, "").Body.String()
			require.Contains(t, body, `"location":"`+row.want+"/", path)
			require.Equal(t, strings.Count(body, `"location":"`), strings.Count(body, `"location":"`+row.want+"/"), path)
		}
	}
}

// TestReferencesBelowTheAccount: a client that got its references with the account
// in them sends these back.
func TestReferencesBelowTheAccount(t *testing.T) {
	for _, account := range []string{"", "acme"} {
		s := serveFrom(t, auth.Origin{Account: account}, "https://scim.example.com")
		location := send(t, s, "POST /Users", `{"userName":"anna"}`).Header().Get("Location")
		id := location[strings.LastIndex(location, "/")+1:]
		group := send(t, s, "POST /Groups", `{"displayName":"all","members":[{"value":"`+id+`","$ref":"`+location+`"}]}`)
		require.Equal(t, 201, group.Code, group.Body)
		for path, filter := range map[string]string{
			"/Users":  `meta.location eq \"` + location + `\"`,
			"/Groups": `members[$ref eq \"` + location + `\"]`,
		} {
			w := send(t, s, "POST "+path+"/.search", `{"schemas":["`+scim.MessageSearchRequest+`"],"filter":"`+filter+`"}`)
			require.Contains(t, w.Body.String(), `"totalResults":1`, "%s %s", path, filter)
		}
		one := strings.TrimPrefix(group.Header().Get("Location"), "https://scim.example.com/scim/v2")
		if account != "" {
			one = strings.TrimPrefix(one, "/accounts/"+account)
		}
		w := send(t, s, "PATCH "+one, `{"Operations":[{"op":"remove","path":"members[$ref eq \"`+location+`\"]"}]}`)
		require.Equal(t, 200, w.Code, w.Body)
		require.NotContains(t, w.Body.String(), "members")
	}
}

// TestAuthenticationSchemes: the schemes are those that every account has, with one
// to be preferred (RFC 7643 section 5).
func TestAuthenticationSchemes(t *testing.T) {
	w := send(t, newServer(t, &bytes.Buffer{}), "GET /ServiceProviderConfig\nAuthorization: ", "")
	config, err := scim.ParseJSON(w.Body.Bytes())
	require.NoError(t, err)
	specs := map[string]string{"oauthbearertoken": "rfc6750", "httpbasic": "rfc7617", "oauth2": "rfc6749"}
	preferred := 0
	for _, scheme := range config.Get("authenticationSchemes").Elements() {
		kind := scheme.Get("type").Text()
		require.Equal(t, "https://www.rfc-editor.org/info/"+specs[kind], scheme.Get("specUri").Text(), kind)
		require.NotEmpty(t, scheme.Get("name").Text(), kind)
		require.NotEmpty(t, scheme.Get("description").Text(), kind)
		if scheme.Get("primary").Bool() {
			require.Equal(t, "oauthbearertoken", kind)
			preferred++
		}
		delete(specs, kind)
	}
	require.Empty(t, specs)
	require.Equal(t, 1, preferred)
}
