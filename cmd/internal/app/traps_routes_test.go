package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/scim"
)

// TestTrap26Foreign: what belongs to a user of one account is not found by another
// one, nor below another user of the same account, and it stays.
func TestTrap26Foreign(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		robot, ada := s.machine("robot"), s.user("ada", `"A":{"metadata":[{"key":"k","value":"AAE="}],"idpLinks":[{"value":"g","externalUserId":"1"}]}`)
		key := s.api("POST", "/users/"+robot+"/keys", `{"type":"json"}`).is(201).Get("id").Text()
		made := s.api("POST", "/users/"+robot+"/tokens", `{}`).is(201)
		pat, bearer := made.Get("id").Text(), made.Get("token").Text()
		s.api("POST", "/users/"+ada+"/auth-factors/recovery-codes", "").is(201)
		registration := s.api("POST", "/users/"+ada+"/passkeys/registrations", "").is(201).Get("registrationId").Text()
		mine := map[string][]string{
			robot: {"GET /keys/" + key, "DELETE /keys/" + key, "GET /tokens/" + pat, "DELETE /tokens/" + pat},
			ada: {"GET /metadata/k", "DELETE /metadata/k", "DELETE /idp-links/g/1?force=true", "DELETE /auth-factors/recovery-codes", "DELETE /passkeys/x",
				"POST /passkeys/registrations/" + registration},
		}
		stranger := s.other("globex")
		other := map[string]*site{"/users/" + stranger.machine("robot"): stranger, "/users/" + stranger.user("ada"): stranger, "/users/" + s.machine("second"): s, "/users/" + s.user("bob"): s}
		for owner, calls := range mine {
			for _, call := range calls {
				method, path, _ := strings.Cut(call, " ")
				body := map[string]string{"POST": `{"credential":{}}`}[method]
				stranger.api(method, "/users/"+owner+path, body).is(404, "not_found")
				for user, by := range other {
					if r := by.api(method, user+path, body); r.status != 409 || r.Get("code").Text() != "wrong_type" {
						r.is(404, "not_found")
					}
				}
			}
		}
		s.api("GET", "/users/"+robot+"/keys/"+key, "").is(200)
		s.scim("GET", "/Users", "", "Authorization: Bearer "+bearer).is(200)
		s.api("GET", "/users/"+ada+"/metadata/k", "").is(200)
		require.Equal(t, 1, s.api("GET", "/users/"+ada+"/idp-links", "").Get("results").Len())

		foreign := stranger.api("GET", "/me", "").Get("account").Get("id").Text()
		own := s.api("GET", "/me", "").Get("account").Get("id").Text()
		for _, route := range s.routes("") {
			if route.Scope == auth.Open {
				continue
			}
			path := strings.ReplaceAll(strings.TrimPrefix(route.Pattern, "/v1/account"), "{userId}", ada)
			for _, id := range []string{foreign, "x", own + "x"} {
				s.api(route.Method, path, "", "x-account-id: "+id).is(403, "account_mismatch")
			}
		}
		s.api("GET", "/users/"+ada, "", "x-account-id: "+own).is(200)
		stranger.user("only-there")
		s.api("GET", "/users/by-login-name?loginName=only-there@example.com", "").is(404)
		found := s.api("GET", "/users/by-login-name?loginName=only-there@example.com&scope=global", "").is(200)
		require.Len(t, names(found.Value), 3, "account, user, login name and no more: "+found.text)
		scopes := []auth.Scope{auth.SCIM}
		for _, scope := range auth.AccountScopes() {
			if scope != auth.UserGlobal {
				scopes = append(scopes, scope)
			}
		}
		s.api("GET", "/users/by-login-name?loginName=only-there@example.com&scope=global", "", "Authorization: Bearer "+s.harness.token("acme", scopes...)).is(403, "insufficient_scope")
	})
}

func names(v scim.Value) (list []string) {
	for name := range v.Members() {
		list = append(list, name)
	}
	return list
}

// routes are those of the companion API below a path.
func (s *site) routes(prefix string) (list []httpauth.Route) {
	for _, route := range s.harness.routes() {
		if strings.HasPrefix(route.Pattern, "/v1/account"+prefix) {
			list = append(list, route)
		}
	}
	require.NotEmpty(s.t, list)
	return list
}

// TestTrap32Caches: what was written by one face is read at once by the other, and a
// right that was taken away opens nothing from then on.
func TestTrap32Caches(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		for _, role := range []string{"a", "b"} {
			s.scim("POST", "/Roles", `{"value":"`+role+`"}`).is(201)
		}
		id := s.user("ada")
		mine := s.as(id)
		for i := range 20 {
			role := []string{"a", "b"}[i%2]
			if i%3 == 0 {
				s.api("PUT", "/users/"+id, `{"roles":["`+role+`"]}`).is(202)
			} else {
				s.scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"replace","path":"roles","value":[{"value":"`+role+`"}]}]}`).is(200)
			}
			require.Equal(t, role, s.scim("GET", "/Users/"+id, "").Get("roles").At(0).Get("value").Text())
			require.Equal(t, 1, s.total(`roles.value eq "`+role+`"`))
			require.Equal(t, "1", s.api("GET", "/users?take=0&role="+role, "").Get("rowCount").String())
			require.Equal(t, role, s.api("GET", "/users/"+id, "").Get("roles").At(0).Text())
			require.Equal(t, `["`+role+`"]`, mine.api("GET", "/me", "").Get("roles").String())
			require.Equal(t, role, s.api("GET", "/users/"+id+"/memberships", "").Get("results").At(0).Get("roles").At(0).Text())
		}
		robot := s.machine("robot")
		made := s.api("POST", "/users/"+robot+"/tokens", `{}`).is(201)
		use := func() int {
			return s.scim("GET", "/Users", "", "Authorization: Bearer "+made.Get("token").Text()).status
		}
		for range 5 {
			require.Equal(t, 200, use())
			s.api("POST", "/users/"+robot+"/lock", "").is(200)
			require.Equal(t, 401, use())
			s.scim("PATCH", "/Users/"+robot, `{"Operations":[{"op":"replace","path":"A:locked","value":false}]}`).is(200)
			require.Equal(t, 200, use())
			s.scim("PATCH", "/Users/"+robot, `{"Operations":[{"op":"replace","path":"active","value":false}]}`).is(200)
			require.Equal(t, 401, use())
			s.api("POST", "/users/"+robot+"/reactivate", "").is(200)
		}
		s.api("DELETE", "/users/"+robot+"/tokens/"+made.Get("id").Text(), "").is(204)
		require.Equal(t, 401, use())
		s.set(`{"mailDomains":["example.org"]}`)
		s.scim("POST", "/Users", `{"userName":"x@example.com"}`).is(400)
	})
}

// TestTrap33Deletes: no deletion needs a body, which proxies drop.
func TestTrap33Deletes(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		document := s.api("GET", "/openapi.json", "").is(200)
		deletions := 0
		for path, item := range document.Get("paths").Members() {
			if deletion := item.Get("delete"); !deletion.IsNull() {
				deletions++
				require.True(t, deletion.Get("requestBody").IsNull(), path)
			}
		}
		require.Greater(t, deletions, 10)
		id := s.user("ada", `"A":{"metadata":[{"key":"_bulk","value":"AAE="},{"key":"a","value":"AAE="}]}`)
		s.api("DELETE", "/users/"+id+"/metadata/_bulk", "").is(204)
		require.Equal(t, "1", s.api("GET", "/users/"+id+"/metadata", "").Get("rowCount").String(), "only that key")
		s.api("DELETE", "/users/"+id+"/metadata", "").is(405)
	})
}

// TestTrap34Router: a verb is a path of its own, and what is no path falls through
// to nothing.
func TestTrap34Router(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		id := s.user("ada", `"password":"correct horse"`)
		before := s.scim("GET", "/Users/"+id, "").text
		for _, call := range []string{
			"POST /users/{id}:resetpassword", "POST /users/{id}:setskipmfa", "PUT /users/{id}:updatepassword", "POST /users/{id}%3Alock", "DELETE /users/{id}:x", "PATCH /users/{id}:x",
			"POST /users/{id}/lock/now", "POST /users/{id}%2Flock", "POST /users/{id}//lock", "POST /users//{id}/lock", "POST /users/{id}/Lock", "POST /users/{id}/nothing",
			"PUT /Users/{id}", "POST /users/{id}/../{id}/lock",
		} {
			method, path, _ := strings.Cut(call, " ")
			r := s.api(method, strings.ReplaceAll(path, "{id}", id), map[bool]string{true: `{"roles":[]}`}[method == http.MethodPut])
			require.Contains(t, []int{400, 404, 405}, r.status, "%s: %s", call, r.text)
		}
		for _, call := range []string{"DELETE /users/uniqueness", "PUT /users/by-login-name", "PATCH /users/bulk-update", "POST /users/{id}", "GET /users/{id}/lock", "PUT /users", "DELETE /users"} {
			method, path, _ := strings.Cut(call, " ")
			r := s.api(method, strings.ReplaceAll(path, "{id}", id), "{}")
			require.Contains(t, []int{404, 405}, r.status, "%s: %s", call, r.text)
			if r.status == 405 {
				require.NotEmpty(t, r.header.Get("Allow"), call)
			}
		}
		require.Equal(t, before, s.scim("GET", "/Users/"+id, "").text)
		s.api("POST", "/authenticate", `{"loginName":"ada@example.com","password":"correct horse"}`).is(200)
	})
}
