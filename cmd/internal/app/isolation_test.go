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
// another account, with one that lacks the scope, and without any.
func TestRoutesKeepAccountsApart(t *testing.T) {
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			h := newHarness(t, memory)
			owner, stranger := h.account("owner", "", auth.AccountScopes()...), h.account("stranger", "", auth.AccountScopes()...)
			h.base = strings.TrimSuffix(h.base, server.Root)
			others := map[bool]string{true: h.token("owner", auth.UserRead), false: h.token("owner", auth.SCIMRead)}
			ids := h.secrets(owner)
			before := snapshot(h, owner, ids)

			handler, ok := h.Handler().(interface{ Routes() []httpauth.Route })
			require.True(t, ok, "the handler lists its routes")
			routes := handler.Routes()
			require.Greater(t, len(routes), 100)
			for _, route := range routes {
				path, body := fill(route, ids)
				name := route.Method + " " + route.Pattern
				if route.Scope == auth.Open {
					status, text := h.send("", route.Method, path, body)
					require.Contains(t, []int{200, 400, 404, 410, 415}, status, name)
					require.NotContains(t, text, "secret-")
					continue
				}
				status, _ := h.send("", route.Method, path, body)
				require.Equal(t, http.StatusUnauthorized, status, name)
				status, _ = h.send(others[route.Scope != auth.UserRead], route.Method, path, body)
				require.Equal(t, http.StatusForbidden, status, name)
				if route.Scope == auth.PlatformAdmin || route.Scope == auth.AccountWrite {
					continue
				}
				status, text := h.send(stranger, route.Method, path, body)
				require.NotContains(t, text, "secret-", name)
				if strings.Contains(route.Pattern, "{id}") || strings.Contains(route.Pattern, "{userId}") {
					require.Equal(t, http.StatusNotFound, status, name+text)
				}
			}
			require.Equal(t, before, snapshot(h, owner, ids), "nothing of the owner's changed")
			h.base += server.Root

			status, text := h.send(stranger, "POST", "/Groups", `{"displayName":"mine","members":[{"value":"`+ids["/Users"]+`"}]}`)
			require.Equal(t, 400, status, "another account's user is no member")
			require.Contains(t, text, "invalidValue")
			status, text = h.send(stranger, "GET", "/Groups?filter=members.value+eq+%22"+ids["/Users"]+"%22", "")
			require.Equal(t, 200, status)
			require.Contains(t, text, `"totalResults":0`)
			status, text = h.send(stranger, "POST", "/Users", `{"userName":"mine","urn:ietf:params:scim:schemas:extension:account:2.0:User":{"orgUnits":[{"value":"`+ids["/OrgUnits"]+`"}]}}`)
			require.Equal(t, 400, status, "another account's unit is none to be in: "+text)
			status, text = h.send(stranger, "POST", "/OrgUnits", `{"name":"mine","parent":{"value":"`+ids["/OrgUnits"]+`"}}`)
			require.Equal(t, 400, status, "nor one to be below: "+text)
		})
	}
}

// secrets makes a resource of each type, and returns the ids by endpoint.
func (h *harness) secrets(owner string) map[string]string {
	ids := map[string]string{}
	create := func(endpoint, body string) {
		status, text := h.send(owner, "POST", server.Root+endpoint, body)
		require.Equal(h.t, 201, status, text)
		v, err := scim.ParseJSON([]byte(text))
		require.NoError(h.t, err)
		ids[endpoint] = v.Get("id").Text()
	}
	create("/OrgUnits", `{"name":"secret-unit"}`)
	create("/Roles", `{"value":"secret-role"}`)
	create("/Entitlements", `{"value":"secret-entitlement","type":"admin"}`)
	create("/Users", `{"userName":"secret-anna","emails":[{"value":"secret-anna@example.com"}],"roles":[{"value":"secret-role"}],
		"urn:ietf:params:scim:schemas:extension:account:2.0:User":{"metadata":[{"key":"k","value":"c2VjcmV0"}],"orgUnits":[{"value":"`+ids["/OrgUnits"]+`"}]}}`)
	create("/Groups", `{"displayName":"secret-team","members":[{"value":"`+ids["/Users"]+`"}]}`)
	return ids
}

// bodies are what routes of the companion API want, as far as it is not {}.
var bodies = map[string]string{
	"POST /users":                                                          `{"kind":"machine","userName":"m","displayName":"m"}`,
	"PUT /users/{userId}":                                                  `{"roles":[]}`,
	"POST /users/bulk-update":                                              `{"userIds":["{userId}"],"set":{"roles":[]}}`,
	"PUT /users/{userId}/profile":                                          `{"givenName":"a","familyName":"b","displayName":"c"}`,
	"PUT /users/{userId}/email":                                            `{"emailAddress":"x@example.com"}`,
	"PUT /users/{userId}/phone":                                            `{"phoneNumber":"+4930123456"}`,
	"PUT /users/{userId}/password":                                         `{"password":"correct horse"}`,
	"POST /users/{userId}/password/initialize":                             `{"password":"correct horse"}`,
	"PUT /users/{userId}/mfa-skip":                                         `{"until":"2999-01-01T00:00:00Z"}`,
	"PATCH /users/{userId}/metadata":                                       `{"set":[{"key":"k","value":"AAE="}]}`,
	"PUT /users/{userId}/metadata/{key}":                                   `{"value":"AAE="}`,
	"PUT /users/{userId}/org-units":                                        `{"orgUnits":[]}`,
	"POST /users/{userId}/org-units":                                       `{"orgUnits":[]}`,
	"POST /users/{userId}/auth-factors/otp/confirm":                        `{"code":"123456"}`,
	"POST /users/{userId}/keys":                                            `{"type":"json"}`,
	"POST /users/{userId}/passkeys/registration-links":                     `{"delivery":"return"}`,
	"POST /users/{userId}/auth-factors/u2f/registrations/{registrationId}": `{"credential":{}}`,
	"POST /users/{userId}/passkeys/registrations/{registrationId}":         `{"credential":{}}`,
	"POST /invitation/invite":                                              `{"emailAddress":"y@example.com"}`,
	"POST /invitation/resend":                                              `{"userId":"{userId}"}`,
	"POST /invitation/revoke":                                              `{"userId":"{userId}"}`,
	"POST /invitation/accept":                                              `{"token":"x","password":"correct horse"}`,
	"POST /verification/complete":                                          `{"token":"x"}`,
	"POST /authenticate":                                                   `{"loginName":"secret-anna","password":"x"}`,
	"POST /authenticate/passkey":                                           `{"loginName":"x"}`,
	"POST /authenticate/challenge":                                         `{"transaction":"x","factorId":"otp-sms"}`,
	"POST /authenticate/factor":                                            `{"transaction":"x","factorId":"otp","code":"123456"}`,
	"POST /password-reset/complete":                                        `{"token":"x","password":"correct horse"}`,
	"POST /passkey-registration/begin":                                     `{"token":"x"}`,
	"POST /passkey-registration/finish":                                    `{"token":"x","registrationId":"x","credential":{}}`,
}

// fill puts ids of the owner's into a route's pattern, and a fitting body.
func fill(route httpauth.Route, ids map[string]string) (path, body string) {
	user := func(text string) string { return strings.ReplaceAll(text, "{userId}", ids["/Users"]) }
	if pattern, ok := strings.CutPrefix(route.Pattern, "/v1/account"); ok {
		if body = "{}"; bodies[route.Method+" "+pattern] != "" {
			body = user(bodies[route.Method+" "+pattern])
		}
		path = user(route.Pattern)
		for _, parameter := range []string{"{key}", "{factorId}", "{passkeyId}", "{keyId}", "{tokenId}", "{idpId}", "{externalUserId}", "{registrationId}"} {
			path = strings.ReplaceAll(path, parameter, "k")
		}
		switch pattern {
		case "/users/uniqueness":
			path += "?userName=secret-bob"
		case "/users/by-login-name":
			path += "?loginName=secret-anna"
		}
		if route.Method == http.MethodGet || route.Method == http.MethodDelete {
			body = ""
		}
		return path, body
	}
	pattern, ofSCIM := strings.CutPrefix(route.Pattern, server.Root)
	if !ofSCIM {
		return route.Pattern, ""
	}
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
		return server.Root + path, `{"filter":"userName pr or displayName pr or id pr"}`
	case route.Method == http.MethodPatch:
		return server.Root + path, `{"Operations":[{"op":"replace","path":"externalId","value":"taken over"}]}`
	}
	body = `{"userName":"x` + route.Method + `","displayName":"x` + route.Method + `","value":"x"`
	if strings.HasPrefix(path, "/OrgUnits") {
		body += `,"name":"x"`
	}
	return server.Root + path, body + "}"
}

func snapshot(h *harness, token string, ids map[string]string) []string {
	var texts []string
	for _, endpoint := range []string{"/Users", "/Groups", "/Roles", "/Entitlements", "/OrgUnits"} {
		status, text := h.send(token, "GET", server.Root+endpoint+"/"+ids[endpoint], "")
		require.Equal(h.t, 200, status)
		texts = append(texts, text)
	}
	return texts
}
