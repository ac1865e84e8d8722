package app_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/factor"
	"roster/cmd/internal/admin"
	"roster/extensions/notify"
)

// letters are the messages to an address or number, the latest first.
func (s *site) letters(to string) (found []notify.Letter) {
	all, err := s.Service().ListLetters(s.t.Context(), admin.LetterQuery{Account: s.account, Limit: 1000})
	require.NoError(s.t, err)
	for _, l := range all {
		if l.To == to {
			found = append(found, l)
		}
	}
	return found
}

// ticket is the one-time token in the latest message.
func (s *site) ticket(to string) string {
	s.t.Helper()
	found := s.letters(to)
	require.NotEmpty(s.t, found)
	ticket := regexp.MustCompile(factor.OneTimePattern).FindString(found[0].Text)
	require.NotEmpty(s.t, ticket)
	return ticket
}

// TestTrap4Invitation: accepted twice at once, one is let in, by that one's
// password.
func TestTrap4Invitation(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		id := s.api("POST", "/invitation/invite", `{"emailAddress":"bob@example.com","roles":null}`).is(201).Get("userId").Text()
		old := s.ticket("bob@example.com")
		s.api("POST", "/invitation/resend", `{"userId":"`+id+`"}`).is(201)
		accept := func(token, password string) reply {
			return s.api("POST", "/invitation/accept", `{"token":"`+token+`","password":"`+password+`"}`, "Authorization: ")
		}
		accept(old, "correct horse").is(410, "expired")
		token, winner := s.ticket("bob@example.com"), make(chan string, 8)
		outcomes := atOnce(8, func(i int) reply {
			r := accept(token, fmt.Sprint("correct horse ", i))
			if r.status == 200 {
				winner <- fmt.Sprint("correct horse ", i)
			}
			return r
		})
		require.Equal(t, map[int]int{200: 1, 410: 7}, outcomes)
		password := <-winner
		for i := range 8 {
			try := fmt.Sprint("correct horse ", i)
			want := map[bool]int{true: 200, false: 403}[try == password]
			s.api("POST", "/authenticate", `{"loginName":"bob@example.com","password":"`+try+`"}`).is(want)
		}
		s.api("POST", "/invitation/invite", `{"emailAddress":"BOB@example.com"}`).is(409, "uniqueness")
		s.api("DELETE", "/users/"+id, "").is(204)
		s.api("POST", "/invitation/invite", `{"emailAddress":"bob@example.com"}`).is(201)
	})
}

// TestTrap18Passwords: 72 bytes, not characters, by every way in; never returned;
// a hash that is brought is one that can be checked.
func TestTrap18Passwords(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		id := s.user("ada", `"password":"correct horse"`)
		invited := s.api("POST", "/invitation/invite", `{"emailAddress":"bob@example.com"}`).is(201).Get("userId").Text()
		invitation := s.ticket("bob@example.com")
		s.api("POST", "/users/"+id+"/password/reset", "").is(202)
		reset := s.ticket("ada@example.com")
		ways := map[string]func(p string) reply{
			"companion POST": func(p string) reply {
				return s.api("POST", "/users", `{"emailAddress":"`+s.fresh()+`@example.com","givenName":"X","familyName":"Y","password":"`+p+`"}`)
			},
			"set": func(p string) reply { return s.api("PUT", "/users/"+id+"/password", `{"password":"`+p+`"}`) },
			"initialise": func(p string) reply {
				return s.api("POST", "/users/"+invited+"/password/initialize", `{"password":"`+p+`"}`)
			},
			"accept": func(p string) reply {
				return s.api("POST", "/invitation/accept", `{"token":"`+invitation+`","password":"`+p+`"}`, "Authorization: ")
			},
			"reset": func(p string) reply {
				return s.api("POST", "/password-reset/complete", `{"token":"`+reset+`","password":"`+p+`"}`, "Authorization: ")
			},
		}
		for name, way := range s.scimWays(id, "ada@example.com", "password") {
			ways["SCIM "+name] = func(p string) reply { return way(`"` + p + `"`) }
		}
		for _, bad := range []string{strings.Repeat("x", 73), strings.Repeat("é", 36) + "x", "éééé" + "123"} {
			for name, way := range ways {
				r := way(bad)
				require.Equal(t, 400, r.status, "%s %q: %s", name, bad, r.text)
				require.NotContains(t, r.text, bad)
			}
			s.api("POST", "/authenticate", `{"loginName":"ada@example.com","password":"correct horse"}`).is(200)
		}
		longest := strings.Repeat("é", 36)
		for _, name := range []string{"reset", "set", "accept"} {
			require.Less(t, ways[name](longest).status, 300, name)
			delete(ways, name)
		}
		delete(ways, "initialise") // the user has accepted
		for name, way := range ways {
			r := way(longest)
			require.Less(t, r.status, 300, "%s: %s", name, r.text)
			require.NotContains(t, r.text, longest)
		}
		s.api("POST", "/authenticate", `{"loginName":"ada@example.com","password":"`+longest+`"}`).is(200)
		s.api("POST", "/authenticate", `{"loginName":"ada@example.com","password":"`+longest+`x"}`).is(403)
		require.True(t, s.api("PUT", "/users/"+id+"/password", `{"password":"correct horse"}`).is(204).IsNull())
		require.True(t, s.scim("GET", "/Users/"+id, "").a("passwordChangeRequired").Bool(), "unless said otherwise")

		for _, hash := range []string{"", "correct horse", "$", "$2a$", "$2a$99$7HZbAvXUCVyvNbAElTvfHuWuMu5SJEK2nHVa7hkB2ZUrHnWHoNV8y", "$9z$04$7HZbAvXUCVyvNbAElTvfHuWuMu5SJEK2nHVa7hkB2ZUrHnWHoNV8y", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "5f4dcc3b5aa765d61d8327deb882cf99"} {
			s.api("POST", "/users", `{"emailAddress":"h@example.com","givenName":"X","familyName":"Y","hashedPassword":"`+hash+`"}`).is(400)
		}
	})
}

// TestTrap20SkipFactors by both faces: text or seconds, read back, cleared, and not
// from the past.
func TestTrap20SkipFactors(t *testing.T) {
	onSites(t, "", func(t *testing.T, s *site) {
		id := s.user("ada")
		until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
		text, epoch := until.Format(time.RFC3339), fmt.Sprint(until.Unix())
		skipped := func() string { return s.api("GET", "/users/"+id, "").is(200).Get("mfaSkipUntil").Text() }
		read := func() bool {
			at, err := time.Parse(time.RFC3339, skipped())
			return err == nil && at.Equal(until) && s.scim("GET", "/Users/"+id, "").a("mfaSkipUntil").Text() != ""
		}
		ways := map[string][2]func(value string) reply{
			"PUT": {func(v string) reply { return s.api("PUT", "/users/"+id+"/mfa-skip", `{"until":`+v+`}`) },
				func(string) reply { return s.api("DELETE", "/users/"+id+"/mfa-skip", "") }},
			"PATCH": {func(v string) reply { return s.api("PATCH", "/users/"+id, `{"mfaSkipUntil":`+v+`}`) },
				func(string) reply { return s.api("PATCH", "/users/"+id, `{"mfaSkipUntil":null}`) }},
			"SCIM": {func(v string) reply {
				return s.scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"replace","path":"A:mfaSkipUntil","value":`+v+`}]}`)
			}, func(string) reply {
				return s.scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"remove","path":"A:mfaSkipUntil"}]}`)
			}},
		}
		for name, way := range ways {
			for _, value := range []string{`"` + text + `"`, epoch} {
				if name == "SCIM" && value == epoch {
					continue // a dateTime is text in SCIM
				}
				require.Less(t, way[0](value).status, 300, "%s %s", name, value)
				require.True(t, read(), "%s %s: %s", name, value, skipped())
				require.Less(t, way[1]("").status, 300, name)
				require.Empty(t, skipped(), name)
				require.Less(t, way[1]("").status, 300, "cleared twice")
			}
			for _, bad := range []string{`"2001-01-01T00:00:00Z"`, "1", `"tomorrow"`, `true`, `"` + epoch + `"`, "-1", "1e99"} {
				r := way[0](bad)
				if name == "SCIM" && strings.Contains(bad, "2001") {
					require.Less(t, r.status, 300, "a client says what was, and it means nothing")
					way[1]("")
					continue
				}
				require.Equal(t, 400, r.status, "%s %s: %s", name, bad, r.text)
			}
			require.Empty(t, skipped())
		}
	})
}

// TestThousandWrongPasswords: many at a time, none gets in, and the user is locked
// until somebody unlocks.
func TestThousandWrongPasswords(t *testing.T) {
	onSites(t, `{"policy":{"maxFailedLogins":5}}`, func(t *testing.T, s *site) {
		id := s.user("ada", `"password":"correct horse"`)
		guess := func(password string) reply {
			return s.api("POST", "/authenticate", `{"loginName":"ada@example.com","password":"`+password+`"}`)
		}
		guess("correct horse").is(200)
		for range 50 {
			require.Equal(t, map[int]int{403: 20}, atOnce(20, func(i int) reply { return guess(fmt.Sprint("wrong ", i)) }))
		}
		require.Equal(t, "locked", s.scim("GET", "/Users/"+id, "").a("status").Text())
		guess("correct horse").is(403, "authentication_failed")
		events := s.api("GET", "/users/"+id+"/events", "").Get("results")
		require.Equal(t, 2, events.Len(), "the creation and the lock")
		s.api("POST", "/users/"+id+"/unlock", "").is(200)
		guess("correct horse").is(200)
	})
}
