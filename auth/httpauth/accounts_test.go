package httpauth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
)

// named serves things below /v1, with accounts in the path, to the principals of
// account "a" (called "acme"). Beside it is a surface without, and one below.
func named(t *testing.T) http.Handler {
	tell := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s in %q", httpauth.Param(r, "id"), auth.OriginFrom(r.Context()).Account)
	}
	route := func(pattern string, scope auth.Scope) httpauth.Route {
		return httpauth.Route{Method: "GET", Pattern: pattern, Scope: scope, Name: "tell", Handler: http.HandlerFunc(tell)}
	}
	m, err := httpauth.NewMux(httpauth.Config{
		Authenticator: tokens{
			reader: {Account: "a", Subject: "r", Scopes: []auth.Scope{auth.SCIMRead}},
			"none": {Account: "a", Subject: "n"},
		},
		Logger: slog.New(slog.DiscardHandler),
		Named: func(_ context.Context, account, named string) (bool, error) {
			if named == "broken" {
				return false, errors.New("the disk is gone")
			}
			if named == "deleted" {
				return false, auth.ErrUnauthenticated
			}
			return named == account || account == "a" && named == "acme", nil
		},
	},
		httpauth.Surface{Root: "/v1", Accounts: true, Fail: plainly("v1"), NotFound: "nothing", Routes: []httpauth.Route{
			route("/v1", auth.SCIMRead), route("/v1/open", auth.Open), route("/v1/things/{id}", auth.SCIMRead),
		}},
		httpauth.Surface{Root: "/v1/inner", Fail: plainly("inner"), NotFound: "nothing", Routes: []httpauth.Route{route("/v1/inner/{id}", auth.SCIMRead)}},
		httpauth.Surface{Root: "/v2", Fail: plainly("v2"), NotFound: "nothing", Routes: []httpauth.Route{
			route("/v2/open", auth.Open), route("/v2/accounts/{id}", auth.SCIMRead),
		}},
	)
	require.NoError(t, err)
	return m
}

// TestAccountInThePath: it may be there, and then the token must be of it.
func TestAccountInThePath(t *testing.T) {
	const other = "v1: the token is not for the account that the path names"
	long := strings.Repeat("x", 64)
	for _, row := range []struct {
		path, token string
		status      int
		answer      string
	}{
		{"/v1/things/7", reader, 200, `7 in ""`},
		{"/v1/accounts/acme/things/7", reader, 200, `7 in "acme"`},
		{"/v1/accounts/a/things/7/", reader, 200, `7 in "a"`},
		{"/v1/accounts/%61cme/things/7", reader, 200, `7 in "acme"`},
		{"/v1/accounts/acme/things/a%2Fb", reader, 200, `a/b in "acme"`},
		{"/v1/accounts/acme", reader, 200, ` in "acme"`},
		{"/v1/accounts/acme/", reader, 200, ` in "acme"`},
		{"/v1/accounts/acme/open", "", 200, ` in "acme"`},
		{"/v1/accounts/acme/open", reader, 200, ` in "acme"`},
		{"/v1/accounts/nobody/open", "", 200, ` in "nobody"`},
		{"/v1/accounts/a%2Fb/open", "", 200, ` in "a/b"`},
		{"/v1/accounts/" + long + "/open", "", 200, ` in "` + long + `"`},

		{"/v1/accounts/nobody/things/7", reader, 403, other},
		{"/v1/accounts/b/things/7", reader, 403, other},
		{"/v1/accounts/ACME/things/7", reader, 403, other},
		{"/v1/accounts/acme%20/things/7", reader, 403, other},
		{"/v1/accounts/nobody/open", reader, 403, other},
		{"/v1/accounts/nobody/things/7", "none", 403, other},
		{"/v1/accounts/acme/things/7", "none", 403, "v1: the token lacks the scope scim:read"},
		{"/v1/accounts/acme/things/7", "wrong", 401, "v1: the token is not valid: it is unknown, expired or revoked"},
		{"/v1/accounts/deleted/things/7", reader, 401, "v1: the token is not valid: it is unknown, expired or revoked"},
		{"/v1/accounts/broken/things/7", reader, 503, "v1: the token cannot be checked at the moment: try again later"},

		{"/v1/accounts/" + long + "x/open", reader, 404, "v1: nothing"},
		{"/v1/accounts", reader, 404, "v1: nothing"},
		{"/v1/accounts/", reader, 404, "v1: nothing"},
		{"/v1/accounts//open", reader, 404, "v1: nothing"},
		{"/v1/accounts/acme/nothing", reader, 404, "v1: nothing"},
		{"/v1/accounts/acme/accounts/acme/open", reader, 404, "v1: nothing"},
		{"/v1/accounts/acme/inner/7", reader, 404, "v1: nothing"},
		{"/v1/inner/7", reader, 200, `7 in ""`},
		{"/v1/inner/accounts/acme/7", reader, 404, "inner: nothing"},
		{"/v2/accounts/acme/open", reader, 404, "v2: nothing"},
		{"/v2/accounts/7", reader, 200, `7 in ""`},
	} {
		t.Run(fmt.Sprintf("%.60s %s", row.path, row.token), func(t *testing.T) {
			w := ask(named(t), row.path, row.token)
			require.Equal(t, row.status, w.Code, w.Body)
			require.Equal(t, row.answer, w.Body.String())
			require.Equal(t, row.status == 401 || strings.Contains(row.answer, "scope"), w.Header().Get("WWW-Authenticate") != "")
		})
	}
}

// TestOtherMethodsOfAPathWithAnAccount are told as those of the plain path.
func TestOtherMethodsOfAPathWithAnAccount(t *testing.T) {
	w := httptest.NewRecorder()
	named(t).ServeHTTP(w, httptest.NewRequest("PUT", "/v1/accounts/acme/things/7", nil))
	require.Equal(t, 405, w.Code)
	require.Equal(t, "GET, HEAD, OPTIONS", w.Header().Get("Allow"))
}

// TestAccountsNeedNames: without them, any token would do for any path; and the
// place of accounts is taken.
func TestAccountsNeedNames(t *testing.T) {
	s := things
	s.Accounts = true
	_, err := httpauth.NewMux(httpauth.Config{Authenticator: tokens{}}, s)
	require.ErrorContains(t, err, "set Config.Named")

	s.Routes = []httpauth.Route{open("GET", "/v1/accounts/{id}", "x")}
	_, err = httpauth.NewMux(httpauth.Config{Authenticator: tokens{}, Named: func(context.Context, string, string) (bool, error) { return true, nil }}, s)
	require.ErrorContains(t, err, "cannot be reached")
}
