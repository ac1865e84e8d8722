package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/authtest"
)

// These tests do what the pages say that take a reader through connecting
// something.

// withServer is the server that the pages say is there.
func withServer(r *reader) { r.serve([]string{"--data", "data"}) }

func inAnHour() int64 { return time.Now().Add(time.Hour).Unix() }

// audits is what the last two commands of a page show, of the account and of the
// server, once the server has written all: it writes refusals a little later.
func (r *reader) audits() (ofAccount, ofServer string) {
	r.stop()
	r.roster([]string{"audit", "list", "--account", "acme", "--data", "data"})
	r.roster([]string{"audit", "list", "--server", "--type", "request.refused", "--data", "data"})
	return r.screen[len(r.screen)-2], r.screen[len(r.screen)-1]
}

// TestOktaGuide: Okta's users come in by each way of logging in that works, the old
// token ends, and a token of Okta itself does what the account says.
func TestOktaGuide(t *testing.T) {
	key := authtest.NewKey(t, "k", "RS256")
	issuer := authtest.NewIssuer(t, key)
	r := follow(t, "docs/okta.md", withServer, func(r *reader) {
		r.instead = strings.NewReplacer("https://example.okta.com/oauth2/aus1a2b3c4d5e6f7g8h9", issuer.URL())
		r.given = map[string]func() string{"ACCESS": func() string {
			return issuer.Token(key, map[string]any{"sub": "0oa1b2c3d4e5f6g7h8i9", "aud": "https://roster.example.com",
				"scp": []string{"roster.read"}, "exp": inAnHour()}).Reveal()
		}}
	})
	require.Equal(t, []string{
		"200 GET", "200 GET", // the test
		"200 GET", "200 GET", // other ways
		"200 GET", "201 POST", "200 GET", "200 PUT", "201 POST", // a user and a group
		"200 GET", "200 GET", "401 GET", // the old token and the new one
		"200 GET", "403 DELETE", // a token of Okta's
	}, r.answers)
	shown := strings.TrimSpace(blocks(page(t, "docs/okta.md"), "json")[0])
	for _, answer := range []int{0, 1, 2, 3} {
		require.Equal(t, shown, r.bodies[answer])
	}
	require.Contains(t, r.bodies[7], `"givenName":"Babs"`)
	require.Contains(t, r.bodies[7], `"active":false`)
	require.Contains(t, r.bodies[7], `"externalId":"00ujl29u0le5T6Aj10h7"`)
	require.Contains(t, r.bodies[8], `"value":"`+r.variables["ID"]+`"`)
	require.Contains(t, r.bodies[13], "scim:write")
	ofAccount, ofServer := r.audits()
	require.Contains(t, ofAccount, "refused 403 scim:write")
	require.Contains(t, ofServer, "refused 401")
}

// TestEntraGuide: Entra ID comes in by each of three ways, and its users are there
// until it takes them away; what is revoked ends at once.
func TestEntraGuide(t *testing.T) {
	key := authtest.NewKey(t, "k", "RS256")
	issuer := authtest.NewIssuer(t, key)
	r := follow(t, "docs/entra.md", withServer, func(r *reader) {
		r.instead = strings.NewReplacer("https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0", issuer.URL())
		r.given = map[string]func() string{"ASSERTION": func() string {
			return issuer.Token(key, map[string]any{"sub": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb",
				"aud": "api://00001111-aaaa-2222-bbbb-3333cccc4444", "exp": inAnHour()}).Reveal()
		}}
	})
	require.Equal(t, []string{
		"200 GET", "200 GET", // a secret token
		"200 POST", "200 GET", // client credentials
		"200 POST", "200 GET", // federation
		"200 GET", "201 POST", "200 PATCH", // a user
		"201 POST", "200 PATCH", "200 PATCH", "204 DELETE", // a group, and the end
		"401 GET", "401 POST", // revoked
	}, r.answers)
	empty := strings.TrimSpace(blocks(page(t, "docs/entra.md"), "json")[0])
	for _, answer := range []int{0, 1, 3, 5, 6} {
		require.Equal(t, empty, r.bodies[answer])
	}
	for answer, says := range map[int]string{
		2: `"token_type":"Bearer","expires_in":3600,"scope":"scim"`, 4: `"expires_in":3600,"scope":"scim"`,
		7: `"externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"`, 8: `"department":"Tour Operations"`,
		10: `"value":"` + r.variables["ID"] + `"`, 11: `"active":false`, 14: `"error":"invalid_client"`,
	} {
		require.Contains(t, r.bodies[answer], says)
	}
	ofAccount, ofServer := r.audits()
	require.Contains(t, ofAccount, "entra-client")
	require.Contains(t, ofAccount, "entra-federation")
	require.Equal(t, 2, strings.Count(ofServer, "refused 401"))
}

// TestHRGuide: people come, change and go by the HR system, whose ids for them stay
// its own beside those of Okta; its old secret ends, and the new one works.
func TestHRGuide(t *testing.T) {
	r := follow(t, "docs/hr.md", withServer)
	require.Equal(t, []string{
		"200 POST", "200 GET", "200 GET", // the test
		"200 GET", "201 POST", "201 POST", "200 PATCH", // hired, changed
		"200 PATCH", "204 DELETE", // gone
		"200 POST", "200 GET", // the night
		"200 PATCH", "200 GET", // beside Okta
		"200 POST", "200 POST", "401 POST", "200 POST", // secrets
	}, r.answers)
	for answer, says := range map[int]string{
		2: `"totalResults":0,`, 3: `"totalResults":0,`, 5: `"manager":{"value":"` + r.variables["MANAGER"] + `"`,
		6: `"department":"Human Resources"`, 7: `"active":false`, 10: `"totalResults":2,`,
		11: `"externalId":"00ujl29u0le5T6Aj10h7"`, 12: `"externalId":"E-1002"`, 15: `"error":"invalid_client"`,
	} {
		require.Contains(t, r.bodies[answer], says)
	}
	require.Regexp(t, `"status":"200".*"status":"201"|"status":"201".*"status":"200"`, r.bodies[9])
	require.NotContains(t, r.bodies[9], r.variables["MANAGER"])
	for _, id := range []string{"E-1002", "E-1003"} {
		require.Contains(t, r.bodies[10], `"externalId":"`+id+`"`)
	}
	require.Contains(t, r.screen[len(r.screen)-1], "user.removed")
}

// TestGuideAddresses: the addresses that the pages say to enter are those that the
// server has.
func TestGuideAddresses(t *testing.T) {
	r := newReader(t)
	withServer(r)
	address := regexp.MustCompile("`https://roster\\.example\\.com(/[^`]*)`")
	for name, want := range map[string][]string{
		"docs/okta.md":   {"/scim/v2"},
		"docs/entra.md":  {"/scim/v2?aadOptscim062020", "/oauth2/token"},
		"docs/hr.md":     {"/scim/v2", "/oauth2/token"},
		"docs/access.md": {"/oauth2/token"},
	} {
		var told []string
		for _, found := range address.FindAllStringSubmatch(page(t, name), -1) {
			told = append(told, found[1])
			r.curl([]string{"-sS", r.variables["SERVER"] + found[1]})
			require.NotContains(t, r.answers[len(r.answers)-1], "404", found[1])
		}
		slices.Sort(told)
		require.ElementsMatch(t, want, slices.Compact(told), name)
	}
}
