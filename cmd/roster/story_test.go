package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor"
	"roster/auth/factor/factortest"
	"roster/extensions/notify"
	"roster/scim/scimtest"
	"roster/scim/script"
)

// TestStory plays testdata/story.http against the binary, with a mail server, and
// reads back what it mailed.
func TestStory(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	mails := startMailbox(t)
	roster(t, storySettings, "account", "create", "acme", "--data", data)
	roster(t, storySettings, "account", "set", "acme", "--data", data, "--file", "-")
	token := strings.TrimSpace(roster(t, "", "token", "create", "--account", "acme", "--scope", allScopes(), "--data", data))

	s, err := startServer(t.TempDir(), os.Environ(), "--data", data, "--log-level", "error",
		"--smtp-host", "127.0.0.1", "--smtp-port", strconv.Itoa(mails.port), "--smtp-tls", "none", "--smtp-from", "Acme <no-reply@acme.example>")
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.stop(os.Kill) })
	browser := factortest.New("http://localhost")
	client := script.Client{
		Base: strings.TrimSuffix(s.scim, "/scim/v2"), Root: "/scim/v2", Token: token,
		Functions: map[string]script.Function{
			"mail":     script.TextFunction(mails.next(oneTimeToken)),
			"code":     script.TextFunction(mails.next(oneTimeCode)),
			"sms":      script.TextFunction(func(_ context.Context, to string) (string, error) { return smsCode(t, data, to) }),
			"register": script.JSONFunction(browser.Register),
			"login":    script.JSONFunction(browser.Login),
		},
	}
	scimtest.RunScripts(t, os.DirFS("testdata"), "story.http", func(*testing.T, string) script.Client { return client })
	require.NoError(t, s.stop(terminate), s.stderr.String())
	require.Empty(t, s.stderr.String(), "nothing went wrong in the background")
	roster(t, "", "check", "--data", data)
	require.Equal(t, []string{
		"ada@example.com: Add a passkey for acme",
		"ada@example.com: Your code for acme",
		"grace@example.com: You are invited to acme",
		"rob@example.com: You are invited to acme",
		"rob@example.com: You are invited to acme",
		"robert@example.com: Confirm your mail address for acme",
		"robert@example.com: Set a new password for acme",
	}, mails.received())
}

const storySettings = `{"mailDomains": ["example.com"], "policy": {"maxFailedLogins": 3},
 "links": {"invitation": "https://app.acme.example/welcome#{token}", "verification": "https://app.acme.example/verify#{token}",
  "passwordReset": "https://app.acme.example/reset#{token}", "passkey": "https://app.acme.example/passkey#{token}"}}`

func allScopes() string {
	var names []string
	for _, scope := range auth.AccountScopes() {
		names = append(names, string(scope))
	}
	return strings.Join(names, ",")
}

// roster runs the binary, which must succeed, and returns what it printed.
func roster(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	command := exec.Command("roster", args...)
	command.Stdin = strings.NewReader(stdin)
	var stderr strings.Builder
	command.Stderr = &stderr
	output, err := command.Output()
	require.NoError(t, err, stderr.String())
	return string(output)
}

var (
	oneTimeToken = regexp.MustCompile(factor.OneTimePattern)
	oneTimeCode  = regexp.MustCompile(`\b[0-9]{6,8}\b`)
)

// smsCode finds the code in the latest text message to a number, in the outbox,
// because there is no gateway.
func smsCode(t *testing.T, data, to string) (string, error) {
	var letters []notify.Letter
	err := json.Unmarshal([]byte(roster(t, "", "outbox", "list", "--account", "acme", "--data", data, "--json")), &letters)
	if err != nil {
		return "", err
	}
	for _, l := range letters {
		if l.Channel == notify.SMS && l.To == to {
			return oneTimeCode.FindString(l.Text), nil
		}
	}
	return "", fmt.Errorf("no text message to %s in the outbox", to)
}

// patience is far longer than a mail takes on a busy machine.
const patience = time.Minute

// next waits for the next mail to an address that was not asked for yet, and
// finds something in it.
func (m *mailbox) next(pattern *regexp.Regexp) func(ctx context.Context, to string) (string, error) {
	return func(ctx context.Context, to string) (string, error) {
		ctx, stop := context.WithTimeout(ctx, patience)
		defer stop()
		select {
		case text := <-m.to(to):
			if found := pattern.FindString(text); found != "" {
				return found, nil
			}
			return "", fmt.Errorf("nothing like %s in %q", pattern, text)
		case <-ctx.Done():
			return "", fmt.Errorf("no mail came to %s", to)
		}
	}
}

// received lists the address and subject of each mail that came, sorted.
func (m *mailbox) received() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(slices.Values(m.subjects))
}
