package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/scim"
	"roster/scim/server"
)

// TestRoutesKeepAccountsApart walks every route of the server with the token of
// another account, with one that may only read, with one that may not use SCIM,
// and without any.
func TestRoutesKeepAccountsApart(t *testing.T) {
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			h := newHarness(t, memory)
			owner, stranger := h.account("owner", ""), h.account("stranger", "")
			reader, other := h.token("owner", auth.SCIMRead), h.token("owner", auth.UserRead)
			ids := map[string]string{}
			create := func(endpoint, body string) string {
				status, text := h.send(owner, "POST", endpoint, body)
				require.Equal(t, 201, status, text)
				v, err := scim.ParseJSON([]byte(text))
				require.NoError(t, err)
				return v.Get("id").Text()
			}
			ids["/Users"] = create("/Users", `{"userName":"secret-anna"}`)
			ids["/Groups"] = create("/Groups", `{"displayName":"secret-team","members":[{"value":"`+ids["/Users"]+`"}]}`)
			before := snapshot(h, owner, ids)

			handler, ok := h.Handler().(interface{ Routes() []httpauth.Route })
			require.True(t, ok, "the handler lists its routes")
			routes := handler.Routes()
			require.Greater(t, len(routes), 15)
			for _, route := range routes {
				path, body := fill(route, ids)
				name := route.Method + " " + route.Pattern
				if route.Scope == auth.Open {
					status, text := h.send("", route.Method, path, body)
					require.Contains(t, []int{200, 404}, status, name)
					require.NotContains(t, text, "secret-")
					continue
				}
				status, _ := h.send("", route.Method, path, body)
				require.Equal(t, http.StatusUnauthorized, status, name)
				status, _ = h.send(other, route.Method, path, body)
				require.Equal(t, http.StatusForbidden, status, name)
				if route.Scope == auth.SCIMWrite {
					status, _ = h.send(reader, route.Method, path, body)
					require.Equal(t, http.StatusForbidden, status, name)
				}
				status, text := h.send(stranger, route.Method, path, body)
				require.NotContains(t, text, "secret-", name)
				if strings.Contains(route.Pattern, "{id}") {
					require.Equal(t, http.StatusNotFound, status, name)
				}
			}
			require.Equal(t, before, snapshot(h, owner, ids), "nothing of the owner's changed")

			status, text := h.send(stranger, "POST", "/Groups", `{"displayName":"mine","members":[{"value":"`+ids["/Users"]+`"}]}`)
			require.Equal(t, 400, status, "another account's user is no member")
			require.Contains(t, text, "invalidValue")
			status, text = h.send(stranger, "GET", "/Groups?filter=members.value+eq+%22"+ids["/Users"]+"%22", "")
			require.Equal(t, 200, status)
			require.Contains(t, text, `"totalResults":0`)
		})
	}
}

// fill puts an id of the owner's into a route's pattern, and a fitting body.
func fill(route httpauth.Route, ids map[string]string) (path, body string) {
	pattern := strings.TrimPrefix(route.Pattern, server.Root)
	for endpoint, id := range ids {
		if strings.HasPrefix(pattern, endpoint) {
			path = strings.ReplaceAll(pattern, "{id}", id)
		}
	}
	if path == "" {
		path = strings.ReplaceAll(pattern, "{id}", "User")
	}
	switch {
	case strings.HasSuffix(path, "/.search"):
		return path, `{"filter":"userName pr or displayName pr or id pr"}`
	case route.Method == http.MethodPatch:
		return path, `{"Operations":[{"op":"replace","path":"displayName","value":"taken over"}]}`
	}
	return path, `{"userName":"x` + route.Method + `","displayName":"x` + route.Method + `"}`
}

func snapshot(h *harness, token string, ids map[string]string) []string {
	var texts []string
	for _, endpoint := range []string{"/Users", "/Groups"} {
		status, text := h.send(token, "GET", endpoint+"/"+ids[endpoint], "")
		require.Equal(h.t, 200, status)
		texts = append(texts, text)
	}
	return texts
}
