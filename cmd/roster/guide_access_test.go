package main

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
)

// TestAccessGuide does what docs/access.md says: each kind of caller comes in, may
// do what its scopes say, and is kept out once what it has has ended.
func TestAccessGuide(t *testing.T) {
	r := follow(t, "docs/access.md", func(r *reader) {
		r.given = map[string]func() string{"ASSERTION": func() string {
			key := authtest.KeyOf(privateKey(t, r.folder, "client.key"), r.variables["KID"], "RS256")
			id := r.variables["CLIENT"]
			return key.Sign(t, map[string]any{"iss": id, "sub": id, "aud": r.variables["SERVER"] + "/oauth2/token",
				"exp": inAnHour(), "jti": "1"}).Reveal()
		}}
	})
	require.Equal(t, []string{
		"200 GET", "401 GET", "200 GET", // a token and its rotation
		"200 POST", "200 GET", "403 DELETE", "401 POST", // a client with a key
		"200 GET", "200 GET", // metadata
		"401 GET",                                                           // after the signing key
		"201 POST",                                                          // a role
		"201 POST", "200 PUT", "200 POST", "200 GET", "200 POST", "401 GET", // a machine user
		"200 GET", "201 POST", "200 GET", "200 GET", "403 GET", // administrators
		"200 GET", "403 GET", // the account in the path
		"200 GET", // a certificate
	}, r.answers)
	for answer, says := range map[int]string{
		3: `"scope":"scim:read"`, 5: "scim:write", 6: "used already", 7: `/oauth2/token"`, 13: `"scope":"user:read"`,
		14: `"userName":"nightly-report"`, 17: `"roleScopes":{"reporting":["user:read"]}`, 18: `"domain":"hr"`,
		20: `"name":"acme"`, 21: "platform:admin", 23: "not for the account that the path names",
	} {
		require.Contains(t, r.bodies[answer], says)
	}
	require.NotContains(t, r.bodies[20], "globex", "was deleted")
}

// TestAccessGuideScopes: its table of scopes has them all.
func TestAccessGuideScopes(t *testing.T) {
	want := []string{string(auth.SCIM)}
	for _, scope := range append(auth.AccountScopes(), auth.PlatformAdmin, auth.Roles) {
		want = append(want, string(scope))
	}
	_, table, _ := strings.Cut(page(t, "docs/access.md"), "| scope | allows |")
	table, _, _ = strings.Cut(table, "\n\n")
	require.Equal(t, want, firstColumn(table))
}

// TestAccessGuideReasons: its table has what somebody can be refused for, with the
// status of the answer. That too much is in work at once takes more than a request
// after another: limits_test.go in cmd/internal/app shows it.
func TestAccessGuideReasons(t *testing.T) {
	key := authtest.NewKey(t, "k", "RS256")
	issuer := authtest.NewIssuer(t, key)
	issuer.Answer(http.NotFoundHandler())

	r := newReader(t)
	r.send = ownCurl // which is faster, many times over
	withServer(r)
	makeToken := func(account, scope string) string {
		r.roster([]string{"token", "create", "--account", account, "--scope", scope, "--data", "data"})
		r.copy("TOKEN")
		return r.variables["TOKEN"]
	}
	for _, name := range []string{"acme", "closed", "slow", "trusting"} {
		r.roster([]string{"account", "create", name, "--data", "data"})
	}
	r.save("slow.json", `{"traffic": {"tokenRate": 1, "tokenBurst": 1}}`)
	r.save("trusting.json", `{"issuers": [{"issuer": "`+issuer.URL()+`", "audience": "a", "scopes": [{"grants": ["scim"]}]}]}`)
	for _, name := range []string{"slow", "trusting"} {
		r.roster([]string{"account", "set", name, "--file", name + ".json", "--data", "data"})
	}
	bearer := func(token string) []string { return []string{"-H", "Authorization: Bearer " + token} }
	grant := func(id, secret, kind string) []string {
		return []string{"-u", id + ":" + secret, "-d", "grant_type=" + kind}
	}
	makeClient := func(account string) (id, secret string) {
		r.roster([]string{"client", "create", "--account", account, "--name", "c", "--data", "data"})
		r.copy("CLIENT")
		r.copy("SECRET")
		return r.variables["CLIENT"], r.variables["SECRET"]
	}
	client, secret := makeClient("acme")
	closedClient, closedSecret := makeClient("closed")
	closed, slow := makeToken("closed", "scim"), makeToken("slow", "scim")
	r.roster([]string{"account", "disable", "closed", "--data", "data"})
	reading, all := makeToken("acme", "user:read"), makeToken("acme", "scim")
	outside := issuer.Token(key, map[string]any{"sub": "x", "aud": "a", "exp": inAnHour()}).Reveal()

	const users, endpoint = "/scim/v2/Users", "/oauth2/token"
	requests := []struct {
		reason, path string
		args         []string
		times        int
	}{
		{"missing_credential", users, nil, 1},
		{"malformed_credential", users, bearer("Bearer " + all), 1},
		{"invalid_credential", users, bearer("roster_" + strings.Repeat("a", 50)), 1},
		{"insufficient_scope", users, bearer(reading), 1},
		{"account_disabled", users, bearer(closed), 1},
		{"other_account", "/scim/v2/accounts/slow/Users", bearer(all), 1},
		{"unavailable", users, bearer(outside), 1},
		{"invalid_client", endpoint, grant(client, "wrong", "client_credentials"), 1},
		{"invalid_scope", endpoint, append(grant(client, secret, "client_credentials"), "-d", "scope=user:read"), 1},
		{"invalid_grant", endpoint, []string{"-d", "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer", "-d", "assertion=e30.e30.e30"}, 1},
		{"unauthorized_client", endpoint, grant(closedClient, closedSecret, "client_credentials"), 1},
		{"too_many_requests", users, bearer(slow), 3},
		{"too_many_attempts", users, bearer("roster_" + strings.Repeat("b", 50)), 150},
	}
	want := map[string]string{"too_many_at_once": "429, 503"}
	for _, row := range requests {
		for range row.times {
			r.curl(append([]string{"-sS", r.variables["SERVER"] + row.path}, row.args...))
		}
		status, _, _ := strings.Cut(r.answers[len(r.answers)-1], " ")
		want[row.reason] = status
	}
	server := r.server
	r.stop()
	_, table, _ := strings.Cut(page(t, "docs/access.md"), "| `reason` | status | what to look at |")
	table, _, _ = strings.Cut(table, "\n\n")
	told := map[string]string{}
	for _, found := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| ([0-9, ]+) \\|").FindAllStringSubmatch(table, -1) {
		told[found[1]] = found[2]
	}
	require.Equal(t, want, told)
	for _, row := range requests {
		require.Regexp(t, `"status":`+want[row.reason]+`\b[^\n]*"reason":`+strconv.Quote(row.reason), server.stderr.String(), row.reason)
	}
}
