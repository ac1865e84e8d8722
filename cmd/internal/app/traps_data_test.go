package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTrap2Views: what is returned follows the view, and in SCIM what is asked for
// by the paths of extensions too, whichever request has the answer.
func TestTrap2Views(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		id := s.user("ada", `"password":"correct horse","title":"Dr","A":{"gender":"f","metadata":[{"key":"k","value":"AAE="}]}`)
		require.NotContains(t, s.scim("GET", "/Users/"+id, "").text, `"metadata"`)
		for query, want := range map[string]string{
			"attributes=A:metadata.key":                  `"A":{"metadata":[{"key":"k"}]}`,
			"attributes=title,A:gender":                  `"title":"Dr","A":{"gender":"f"}`,
			"attributes=A:status":                        `"A":{"status":"active"}`,
			"attributes=A:licences,A:credentials":        ``,
			"attributes=password,A:sendInvitation,title": `"title":"Dr"`,
		} {
			want = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"` + map[bool]string{true: `,"A"`}[strings.Contains(want, `"A"`)] + `],"id":"` + id + `",` + want
			want = strings.ReplaceAll(strings.TrimSuffix(want, ",")+"}", `"A"`, `"urn:ietf:params:scim:schemas:extension:account:2.0:User"`)
			got := s.scim("GET", "/Users/"+id+"?"+query, "").is(200)
			require.Equal(t, want, got.String(), query)
			list := s.scim("GET", "/Users?"+query, "").is(200)
			require.JSONEq(t, want, list.Get("Resources").At(0).String(), "GET /Users "+query)
			patched := s.scim("PATCH", "/Users/"+id+"?"+query, `{"Operations":[{"op":"replace","path":"nickName","value":"`+s.fresh()+`"}]}`).is(200)
			require.JSONEq(t, want, patched.String(), "PATCH "+query)
		}
		left := s.scim("GET", "/Users/"+id+"?excludedAttributes=A:gender,title,id", "").is(200)
		require.Equal(t, id, left.Get("id").Text(), "always returned")
		require.Equal(t, "active", left.a("status").Text())
		require.True(t, left.a("gender").IsNull() && left.Get("title").IsNull(), left.text)
		for _, r := range []reply{s.scim("GET", "/Users/"+id, ""), s.scim("GET", "/Users", ""), s.api("GET", "/users/"+id, ""), s.api("GET", "/users?view=full", ""),
			s.scim("PUT", "/Users/"+id, `{"userName":"ada@example.com","password":"battery staple"}`)} {
			require.NotContains(t, r.is(200).text, `"password"`)
			require.NotContains(t, r.text, "battery")
			require.NotContains(t, r.text, "AAE=")
		}
		views := map[string][]string{"basic": {"emailAddress"}, "list": {"emailAddress", "userName"}, "full": {"emailAddress", "userName", "accountId", "licences"}}
		for view, names := range views {
			for _, r := range []reply{s.api("GET", "/users/"+id+"?view="+view, ""), {Value: s.api("GET", "/users?view="+view, "").Get("results").At(0)}} {
				for _, name := range views["full"] {
					_, there := r.Lookup(name)
					require.Equal(t, strings.Contains(strings.Join(names, " "), name), there, "%s %s", view, name)
				}
			}
		}
	})
}

// TestTrap3Correlation: echoed on every answer of both faces, made up in place of
// what a log should not hold, and found again in the history.
func TestTrap3Correlation(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		id := s.user("ada")
		asks := map[string]func(headers ...string) reply{
			"200":   func(h ...string) reply { return s.api("GET", "/users", "", h...) },
			"201":   func(h ...string) reply { return s.scim("POST", "/Users", `{"userName":"`+s.fresh()+`"}`, h...) },
			"204":   func(h ...string) reply { return s.api("DELETE", "/users/"+id+"/mfa-skip", "", h...) },
			"400":   func(h ...string) reply { return s.api("GET", "/users?take=x", "", h...) },
			"400 s": func(h ...string) reply { return s.scim("POST", "/Users", `{`, h...) },
			"401":   func(h ...string) reply { return s.api("GET", "/users", "", append(h, "Authorization: Bearer x")...) },
			"401 s": func(h ...string) reply { return s.scim("GET", "/Users", "", append(h, "Authorization: ")...) },
			"403":   func(h ...string) reply { return s.api("GET", "/users", "", append(h, "x-account-id: x")...) },
			"404":   func(h ...string) reply { return s.api("GET", "/users/x", "", h...) },
			"404 s": func(h ...string) reply { return s.scim("GET", "/Users/x", "", h...) },
			"404 /": func(h ...string) reply { return s.ask("GET", "/nowhere", "", h...) },
			"405":   func(h ...string) reply { return s.api("PUT", "/me", "", h...) },
			"409":   func(h ...string) reply { return s.api("POST", "/users/"+id+"/unlock", "", h...) },
			"410": func(h ...string) reply {
				return s.api("POST", "/authenticate/challenge", `{"transaction":"x","factorId":"otp-sms"}`, h...)
			},
			"412": func(h ...string) reply { return s.api("DELETE", "/users/"+id, "", append(h, `If-Match: W/"old"`)...) },
			"415": func(h ...string) reply {
				return s.api("PUT", "/users/"+id, "{}", append(h, "Content-Type: text/plain")...)
			},
			"501 me": func(h ...string) reply { return s.scim("GET", "/Me", "", h...) },
		}
		for name, ask := range asks {
			sent := "req-" + s.fresh()
			r := ask("x-correlation-id: " + sent)
			if name != "501 me" {
				require.Equal(t, name[:3], fmt.Sprint(r.status), r.text)
			}
			require.Equal(t, []string{sent}, r.header.Values("x-correlation-id"), name)
			if r.header.Get("Content-Type") == "application/problem+json" {
				require.Equal(t, sent, r.Get("correlationId").Text(), name)
			}
			for _, bad := range []string{strings.Repeat("x", 129), "a b", "ä", "<script>", "a;b", `"`, "a\tb", "%0a{}"} {
				made := ask("x-correlation-id: " + bad).header.Get("x-correlation-id")
				require.NotEqual(t, bad, made, name)
				require.Regexp(t, `^[A-Za-z0-9._:/+=-]{1,128}$`, made)
			}
		}
		newest := func() string {
			return s.api("GET", "/users/"+id+"/events?order=desc&limit=1", "").is(200).Get("results").At(0).Get("correlationId").Text()
		}
		longest := strings.Repeat("x", 128)
		s.scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"add","path":"title","value":"a"}]}`, "x-correlation-id: "+longest).is(200)
		require.Equal(t, longest, newest())
		s.api("PATCH", "/users/"+id, `{"title":"b"}`, "x-correlation-id: companion-1").is(200)
		require.Equal(t, "companion-1", newest())
		s.scim("POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"PATCH","path":"/Users/`+id+`","data":{"Operations":[{"op":"add","path":"title","value":"c"}]}}]}`, "x-correlation-id: bulk-1").is(200)
		require.Equal(t, "bulk-1", newest())
		made := s.api("PATCH", "/users/"+id, `{"title":"d"}`, "x-correlation-id: a b").is(200).header.Get("x-correlation-id")
		require.Equal(t, made, newest(), "what was made up")
	})
}

// TestTrap14History: a hundred unless said otherwise, a thousand at most, from
// where one has read to; no secret; and all of it after the user is gone.
func TestTrap14History(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		id := s.user("ada", `"password":"first secret"`)
		s.scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"replace","path":"password","value":"second secret"}]}`).is(200)
		s.api("PUT", "/users/"+id+"/password", `{"password":"third secret"}`).is(204)
		s.bulk("PUT", "/Users/"+id, `{"userName":"ada@example.com","password":"fourth secret","A":{"metadata":[{"key":"k","value":"c2VjcmV0"}]}}`).is(200)
		app := s.api("POST", "/users/"+id+"/auth-factors/otp", "").is(201).Get("secret").Text()
		codes := s.api("POST", "/users/"+id+"/auth-factors/recovery-codes", "").is(201).Get("codes")
		robot := s.machine("robot")
		token := s.api("POST", "/users/"+robot+"/tokens", "{}").is(201).Get("token").Text()
		client := s.api("PUT", "/users/"+robot+"/secret", "").is(200).Get("clientSecret").Text()
		for i := range 120 {
			s.api("PATCH", "/users/"+id, fmt.Sprintf(`{"title":"%d"}`, i)).is(200)
		}
		s.api("DELETE", "/users/"+id, "").is(204)

		first := s.api("GET", "/events?subject="+id, "").is(200)
		require.Equal(t, 100, first.Get("results").Len(), "by default")
		rest := s.api("GET", "/events?limit=1000&subject="+id+"&after="+first.Get("next").String(), "").is(200)
		require.True(t, rest.Get("next").IsNull(), "the end")
		total := 100 + rest.Get("results").Len()
		require.GreaterOrEqual(t, total, 127)
		last := 0
		for _, r := range []reply{first, rest} {
			for _, event := range r.Get("results").Elements() {
				n, _ := event.Get("sequence").Int()
				require.Greater(t, n, last)
				last = n
			}
		}
		newest := s.api("GET", "/events?order=desc&limit=1&subject="+id, "").is(200).Get("results").At(0)
		require.Equal(t, "user.removed", newest.Get("type").Text())
		for _, limit := range []string{"0", "1001", "-1", "x"} {
			s.api("GET", "/events?limit="+limit, "").is(400, "invalid_parameter")
			s.api("GET", "/users/"+robot+"/events?limit="+limit, "").is(400, "invalid_parameter")
		}
		all := first.text + rest.text + s.api("GET", "/events?limit=1000&subject="+robot, "").is(200).text
		for _, secret := range []string{"first secret", "second secret", "third secret", "fourth secret", "c2VjcmV0", app, codes.At(0).Text(), token, client} {
			require.NotContains(t, all, secret)
		}
	})
}
