package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/notify"
)

// TestOutbox: without a mail server, mails are where an operator can read them, in
// the account's own words and the reader's language, with the server up and down.
func TestOutbox(t *testing.T) {
	data, templates := filepath.Join(t.TempDir(), "data"), t.TempDir()
	for name, text := range map[string]string{
		"de/invitation.subject.txt":      "Einladung zu {{.account}} für alle",
		"acme/de/invitation.subject.txt": "Servus bei {{.account}}",
		"acme/en/invitation.html":        "<p>Hi {{.name}}</p>",
	} {
		require.NoError(t, os.MkdirAll(filepath.Join(templates, filepath.Dir(name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(templates, name), []byte(text), 0o600))
	}
	tokens := map[string]string{}
	for _, account := range []string{"acme", "globex"} {
		roster(t, `{"links":{"invitation":"https://app.`+account+`.example/welcome#{token}"}}`, "account", "create", account, "--data", data)
		roster(t, `{"links":{"invitation":"https://app.`+account+`.example/welcome#{token}"}}`, "account", "set", account, "--data", data, "--file", "-")
		tokens[account] = strings.TrimSpace(roster(t, "", "token", "create", "--account", account, "--data", data))
	}
	list := func(account string, more ...string) (letters []notify.Letter) {
		text := roster(t, "", append([]string{"outbox", "list", "--account", account, "--data", data, "--json"}, more...)...)
		require.NoError(t, json.Unmarshal([]byte(text), &letters))
		return letters
	}
	require.Empty(t, list("acme"))

	s, err := startServer(t.TempDir(), os.Environ(), "--data", data, "--log-level", "error", "--templates", templates)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.stop(os.Kill) })
	invite := func(account, name, language string) {
		body := `{"userName":"` + name + `","displayName":"<` + name + `>","preferredLanguage":"` + language + `","emails":[{"value":"` + name + `@example.com"}],
			"urn:ietf:params:scim:schemas:extension:account:2.0:User":{"sendInvitation":true}}`
		q, err := http.NewRequest("POST", s.scim+"/Users", strings.NewReader(body))
		require.NoError(t, err)
		q.Header.Set("Authorization", "Bearer "+tokens[account])
		q.Header.Set("Content-Type", "application/scim+json")
		resp, err := http.DefaultClient.Do(q)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusCreated, resp.StatusCode)
	}
	invite("acme", "ada", "en")
	invite("acme", "bob", "de-AT")
	invite("globex", "cem", "de")

	check := func() {
		letters := list("acme")
		require.Len(t, letters, 2)
		require.Equal(t, "Servus bei acme", letters[0].Subject, "the account's, in the reader's language")
		require.Equal(t, "bob@example.com", letters[0].To)
		require.Equal(t, "You are invited to acme", letters[1].Subject)
		require.Equal(t, "<p>Hi &lt;ada&gt;</p>", letters[1].HTML)
		require.Contains(t, letters[1].Text, "https://app.acme.example/welcome#roster_once_invitation_")
		require.Equal(t, "Einladung zu globex für alle", list("globex")[0].Subject, "the operator's")
		table := roster(t, "", "outbox", "--account", "acme", "--data", data)
		require.Contains(t, table, letters[0].ID)
		require.Contains(t, table, "ada@example.com")
		require.NotContains(t, table, "cem@example.com")
		require.NotContains(t, table, "roster_once_")
		shown := roster(t, "", "outbox", "show", letters[1].ID, "--account", "acme", "--data", data)
		require.Contains(t, shown, "To: ada@example.com")
		require.Contains(t, shown, "welcome#roster_once_invitation_")
		require.Empty(t, list("acme", "--dead"))
	}
	check()
	require.NoError(t, s.stop(terminate), s.stderr.String())
	require.Empty(t, s.stderr.String())
	check()
	roster(t, "", "outbox", "drop", list("acme")[1].ID, "--account", "acme", "--data", data)
	require.Len(t, list("acme"), 1)
}
