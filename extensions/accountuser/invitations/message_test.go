package invitations_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/factor"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
)

// TestLinks: a message leads to the account's application, if it has one, and else
// carries the token and says what it is for.
func TestLinks(t *testing.T) {
	links := map[string]string{
		model.LinkInvitation:    "https://app.example.com/welcome#{token}",
		model.LinkVerification:  "https://app.example.com/verify?t={token}&x=1",
		model.LinkPasswordReset: "https://app.example.com/reset/{token}",
	}
	tests := []struct {
		name, to, purpose string
		send              func(f *fixture) error
		link, says        string
		coded             bool
	}{
		{"invitation", ada, "invitation", func(f *fixture) error { return second(f.Invite(f.t.Context(), f.call, ada, nil)) },
			"https://app.example.com/welcome#TOKEN\n", "You are invited to example", false},
		{"verification", newMail, "verification", func(f *fixture) error { f.changed(); return nil },
			"https://app.example.com/verify?t=TOKEN&x=1\n", "confirm that this is your mail address at example", true},
		{"reset by mail", ada, "reset", func(f *fixture) error {
			return second(f.reset(f.active(ada), invitations.Reset{Channel: model.ByEmail}))
		}, "https://app.example.com/reset/TOKEN\n", "A new password was asked for", false},
		{"reset by SMS", number, "reset", func(f *fixture) error {
			return second(f.reset(f.changed(), invitations.Reset{Channel: model.ByPhone}))
		}, "https://app.example.com/reset/TOKEN ", "New password for example", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				f.settings.Links = links
				require.NoError(t, tt.send(f))
				l := f.last(tt.to)
				token := f.token(tt.to).Reveal()
				require.Contains(t, l.Text, strings.ReplaceAll(tt.link, "TOKEN", token))
				require.Equal(t, 1, strings.Count(l.Text, token), "once only")
				require.Contains(t, l.Text, tt.says)
				require.Equal(t, tt.coded, codes.MatchString(l.Text))
				use, err := factor.ParseOneTime(f.token(tt.to))
				require.NoError(t, err)
				require.EqualValues(t, tt.purpose, use.Purpose)
			})
			onEachEngine(t, func(t *testing.T, f *fixture) {
				require.NoError(t, tt.send(f))
				l := f.last(tt.to)
				require.NotContains(t, l.Text, "https://")
				require.Equal(t, 1, strings.Count(l.Text, f.token(tt.to).Reveal()))
				require.Contains(t, l.Text, tt.says)
				require.Equal(t, tt.coded, codes.MatchString(l.Text))
			})
		})
	}
}

// TestPhoneCodeAlone: what is typed in from a phone has no token.
func TestPhoneCodeAlone(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.changed()
		require.Regexp(t, regexp.MustCompile(`^[0-9]{6} confirms your phone number at example`), f.last(number).Text)
		require.Empty(t, f.token(number))
	})
}

// TestLanguageAndName: messages address people as they are called, in their
// language.
func TestLanguageAndName(t *testing.T) {
	tests := []struct{ name, attributes, language, says string }{
		{"display name", `"displayName": "Ada L."`, "en", "Hello Ada L.,"},
		{"given name", `"name": {"givenName": "Ada", "familyName": "King"}`, "en", "Hello Ada,"},
		{"none", `"title": "Countess"`, "en", "Hello,"},
		{"lines", `"displayName": "Ada\nYou won! https://evil.example"`, "en", "Hello,"},
		{"very long", `"displayName": "` + strings.Repeat("x", 300) + `"`, "en", "Hello,"},
		{"German", `"displayName": "Ada", "preferredLanguage": "de-AT, en;q=0.5"`, "de", "Ada"},
		{"a language that nobody speaks", `"displayName": "Ada", "preferredLanguage": "xx"`, "en", "Hello Ada,"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				f.post(`{"userName": "ada", "emails": [{"value": "ada@example.com"}], ` + tt.attributes + `, ` + extension + `: {"sendInvitation": true}}`)
				l := f.last(ada)
				require.Equal(t, tt.language, l.Language)
				require.Contains(t, l.Text, tt.says)
				require.NotContains(t, l.Text, "evil")
			})
		})
	}
}

// TestAccountLanguage is that of people who have none.
func TestAccountLanguage(t *testing.T) {
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.settings.Language = "de"
		f.invite(ada)
		require.Equal(t, "de", f.last(ada).Language)
	})
}

// TestZoneAndContact: moments are told in the account's time zone, and whom to ask
// is told where the account says it. A zone that nobody knows gives way to UTC.
func TestZoneAndContact(t *testing.T) {
	tests := []struct{ zone, contact, says string }{
		{"", "", "valid until 2026-03-08 12:00 UTC"},
		{"Europe/Vienna", "", "valid until 2026-03-08 13:00 CET"},
		{"Nowhere/Land", "", "valid until 2026-03-08 12:00 UTC"},
		{"", "Help desk, help@example.com", "Questions? Ask Help desk, help@example.com"},
	}
	for _, tt := range tests {
		onEachEngine(t, func(t *testing.T, f *fixture) {
			f.settings.Timezone, f.settings.Contact = tt.zone, tt.contact
			f.invite(ada)
			l := f.last(ada)
			require.Contains(t, l.Text, tt.says)
			require.Equal(t, tt.contact != "", strings.Contains(l.Text, "Questions?"))
		})
	}
}

// TestInviter: an invitation names the person who invites, and no program, nor a
// token of nobody.
func TestInviter(t *testing.T) {
	tests := []struct{ name, attributes, says string }{
		{"a person", `"displayName": "Grace Hopper"`, "Grace Hopper invites you to example."},
		{"a person without a name", `"title": "Admiral"`, "You are invited to example."},
		{"lines", `"displayName": "Grace\nhttps://evil.example"`, "You are invited to example."},
		{"a program", `"displayName": "Nightly", ` + extension + `: {"kind": "machine"}`, "You are invited to example."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				f.invite(newMail)
				require.Contains(t, f.last(newMail).Text, "You are invited to example.")
				f.call.Actor.User = f.post(`{"userName": "grace", ` + tt.attributes + `}`)
				f.invite(ada)
				require.Contains(t, f.last(ada).Text, tt.says)
			})
		})
	}
}

// TestIncompleteIssuer.
func TestIncompleteIssuer(t *testing.T) {
	_, err := invitations.NewIssuer(invitations.Config{})
	require.Error(t, err)
}
