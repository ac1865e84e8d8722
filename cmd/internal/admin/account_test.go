package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
	"roster/cmd/internal/admin"
)

const signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// present are the settings that the changes below meet.
const present = `{
	"switches": {"wrapValues": false},
	"limits": {"patchOps": 10},
	"mailDomains": ["example.com", "example.org"],
	"policy": {"maxFailedLogins": 5, "retainRemoved": "90d"},
	"language": "de",
	"webhooks": [{"url": "https://a.example", "secret": "` + signing + `", "events": ["user.locked"]}]
}`

// TestSetAccount: what a change leaves, as JSON; merged as RFC 7396 says.
func TestSetAccount(t *testing.T) {
	tests := []struct {
		name, change string
		merge        bool
		want         string
	}{
		{"nothing merged", `{}`, true, strings.ReplaceAll(present, signing, "[secret]")},
		{"a member of an object", `{"policy": {"passwordMin": 12}, "switches": {"looseNames": true}}`, true, `{
			"switches": {"wrapValues": false, "looseNames": true}, "limits": {"patchOps": 10},
			"mailDomains": ["example.com", "example.org"],
			"policy": {"maxFailedLogins": 5, "retainRemoved": "90d", "passwordMin": 12}, "language": "de",
			"webhooks": [{"url": "https://a.example", "secret": "[secret]", "events": ["user.locked"]}]}`},
		{"lists are replaced", `{"mailDomains": ["example.net"], "webhooks": [{"url": "https://a.example", "secret": "[secret]"}]}`, true, `{
			"switches": {"wrapValues": false}, "limits": {"patchOps": 10}, "mailDomains": ["example.net"],
			"policy": {"maxFailedLogins": 5, "retainRemoved": "90d"}, "language": "de",
			"webhooks": [{"url": "https://a.example", "secret": "[secret]"}]}`},
		{"back to the defaults", `{"switches": null, "limits": null, "mailDomains": [], "policy": {"maxFailedLogins": 0, "retainRemoved": ""}, "language": "", "webhooks": null}`, true, `{}`},
		{"everything replaced", `{"policy": {"passwordMin": 12}}`, false, `{"policy": {"passwordMin": 12}}`},
		{"by nothing", `{}`, false, `{}`},
		{"by what was shown", strings.ReplaceAll(present, signing, "[secret]"), false, strings.ReplaceAll(present, signing, "[secret]")},
		{"of another account", `{"id": "x", "name": "globex", "created": "2026-03-01T12:00:00Z", "language": "fr"}`, false, `{"language": "fr"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := inMemory(t)
			made, err := s.CreateAccount(t.Context(), admin.NewAccount{Name: "acme"})
			require.NoError(t, err)
			_, err = s.SetAccount(t.Context(), admin.AccountChange{Account: "acme", Settings: present})
			require.NoError(t, err)
			changed, err := s.SetAccount(t.Context(), admin.AccountChange{Account: "acme", Settings: tt.change, Merge: tt.merge})
			require.NoError(t, err)
			text, err := json.Marshal(changed.Settings)
			require.NoError(t, err)
			require.JSONEq(t, tt.want, string(text))
			require.Equal(t, []any{made.ID, made.Name, made.Created}, []any{changed.ID, changed.Name, changed.Created})
			shown, err := s.ShowAccount(t.Context(), "acme")
			require.NoError(t, err)
			require.Equal(t, changed, shown)

			kept, err := s.Registry.Account(t.Context(), made.ID)
			require.NoError(t, err)
			for _, w := range kept.Settings.Webhooks {
				require.Equal(t, auth.Secret(signing), w.Secret, "what is shown does not touch what is kept")
			}
		})
	}
}

// TestUnreadableSettings: a message says where they are wrong, and nothing is
// changed.
func TestUnreadableSettings(t *testing.T) {
	tests := []struct{ text, problem string }{
		{``, `begin with {, as "roster account show NAME --json" does`},
		{`null`, "begin with {"},
		{`[]`, "begin with {"},
		{`"profile"`, "begin with {"},
		{"{\n\"profile\": }", "line 2: "},
		{"{} {}", "line 1: "},
		{`{"profile": "strict"`, "line 1: unexpected EOF"},
		{"{\"profile\": \"\xff\"}", "line 1: invalid UTF-8"},
		{"{\n\"profile\": \"strict\",\n\"profile\": \"default\"}", "line 3: duplicate object member name"},
		{`{"colour": "red"}`, `line 1: /colour: there is no such setting; "roster account set --help" shows them`},
		{`{"Profile": "strict"}`, "line 1: /Profile: there is no such setting"},
		{"{\"policy\": {\n\"passwordMax\": 72}}", "line 2: /policy/passwordMax: there is no such setting"},
		{`{"webhooks": [{"url": "https://a.example", "key": "hunter2"}]}`, "/webhooks/0/key: there is no such setting"},
		{`{"webhooks": [{"secret": ["hunter2"]}]}`, "/webhooks/0/secret: the setting has another kind of value"},
		{`{"policy": {"maxFailedLogins": "5"}}`, "/policy/maxFailedLogins: the setting has another kind of value"},
		{`{"policy": {"maxFailedLogins": 1e99}}`, "/policy/maxFailedLogins: "},
		{`{"policy": {"retainRemoved": 30}}`, "/policy/retainRemoved: "},
		{`{"policy": {"retainRemoved": "soon"}}`, `/policy/retainRemoved: "soon" is no time: write it like 30d or 12h`},
		{`{"mailDomains": "example.com"}`, "/mailDomains: the setting has another kind of value"},
		{`{"profile": "` + strings.Repeat("x", admin.MaxSettings) + `"}`, "they have 65551 bytes; use at most 65536"},
	}
	s := inMemory(t)
	made, err := s.CreateAccount(t.Context(), admin.NewAccount{Name: "acme"})
	require.NoError(t, err)
	for _, tt := range tests {
		for _, merge := range []bool{true, false} {
			_, err := s.SetAccount(t.Context(), admin.AccountChange{Account: "acme", Settings: tt.text, Merge: merge})
			require.ErrorContains(t, err, "the settings cannot be read: ", "%.80q", tt.text)
			require.ErrorContains(t, err, tt.problem)
			require.NotContains(t, err.Error(), "hunter2")
			require.Less(t, len(err.Error()), 300)
		}
	}
	shown, err := s.ShowAccount(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, made, shown)
}

// TestLongSettings: what may be set goes through the socket, however it is
// escaped there.
func TestLongSettings(t *testing.T) {
	folder := t.TempDir()
	serve(t, folder, inMemory(t))
	conn := dial(t, folder)
	_, err := conn.CreateAccount(t.Context(), admin.NewAccount{Name: "acme"})
	require.NoError(t, err)
	text := `{"contact": {"name": "<&>"}}`
	text += strings.Repeat("\n", admin.MaxSettings-len(text))
	_, err = conn.SetAccount(t.Context(), admin.AccountChange{Account: "acme", Settings: text})
	require.NoError(t, err)
	_, err = conn.SetAccount(t.Context(), admin.AccountChange{Account: "acme", Settings: `{"profile": "` + strings.Repeat("<", admin.MaxSettings)})
	require.ErrorContains(t, err, "use at most 65536", "and not that the server is of another version")
}

// TestFounded: a new account gets what it begins with, even if whoever asked for
// it has gone; what failed is made up for by Found.
func TestFounded(t *testing.T) {
	s := inMemory(t)
	founded := map[string]int{}
	var failure error
	s.Founded = func(ctx context.Context, id string) error {
		if failure == nil {
			founded[id]++
		}
		return errors.Join(failure, ctx.Err())
	}
	create := func(name string) (admin.Account, error) {
		return s.CreateAccount(t.Context(), admin.NewAccount{Name: name})
	}
	first, err := create("acme")
	require.NoError(t, err)
	require.Equal(t, map[string]int{first.ID: 1}, founded)
	_, err = create("acme")
	require.ErrorIs(t, err, registry.ErrTaken)
	require.Equal(t, map[string]int{first.ID: 1}, founded, "nothing was made")

	failure = errors.New("the disk is full")
	_, err = create("globex")
	require.ErrorIs(t, err, failure)
	require.ErrorContains(t, err, "made account globex, but not all that is in it")
	require.ErrorIs(t, s.Found(t.Context()), failure)
	second, err := s.ShowAccount(t.Context(), "globex")
	require.NoError(t, err)
	failure = nil
	require.NoError(t, s.Found(t.Context()))
	require.Equal(t, map[string]int{first.ID: 2, second.ID: 1}, founded)
}

// TestFoundedWithoutTheAsker: the account is made, so it is completed.
func TestFoundedWithoutTheAsker(t *testing.T) {
	s := inMemory(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.Founded = func(ctx context.Context, _ string) error {
		cancel()
		return ctx.Err()
	}
	_, err := s.CreateAccount(ctx, admin.NewAccount{Name: "acme"})
	require.NoError(t, err)
}

// TestFoundGoesOn: one account's failure does not keep it from the others.
func TestFoundGoesOn(t *testing.T) {
	s := inMemory(t)
	for _, name := range []string{"acme", "globex"} {
		_, err := s.CreateAccount(t.Context(), admin.NewAccount{Name: name})
		require.NoError(t, err)
	}
	require.NoError(t, s.Found(t.Context()), "nothing to begin with")
	failure, calls := errors.New("the disk is full"), 0
	s.Founded = func(context.Context, string) error {
		calls++
		return failure
	}
	err := s.Found(t.Context())
	require.ErrorContains(t, err, "found account acme: the disk is full")
	require.ErrorContains(t, err, "found account globex: the disk is full")
	require.Equal(t, 2, calls)
}
