package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/extensions/notify"
)

// TestMessagesGuide does what docs/messages.md says: an invitation is written with
// its templates.
func TestMessagesGuide(t *testing.T) {
	r := follow(t, "docs/messages.md")
	require.Equal(t, []string{"201 POST"}, r.answers)
	letter := r.screen[len(r.screen)-1]
	require.Contains(t, letter, "Subject: Servus bei acme\n")
	require.Regexp(t, `(?s)Servus,\n\nwir haben einen Platz für dich bei acme\.\nDein Code: roster_once_invitation_\S+\n\nDas gilt bis \S+ \S+ CES?T\. Fragen\? Anna, \+431234567`, letter)
}

// TestMessagesGuideKinds: its table has every kind of message that the built-in
// templates are for, with the values that a template may use and no others.
func TestMessagesGuideKinds(t *testing.T) {
	builtIn := filepath.Join("..", "..", "extensions", "notify", "templates", "en")
	files, err := os.ReadDir(builtIn)
	require.NoError(t, err)
	kinds := map[string][]string{}
	for _, file := range files {
		kind, _, _ := strings.Cut(file.Name(), ".")
		kinds[kind] = append(kinds[kind], file.Name())
	}
	_, table, _ := strings.Cut(page(t, "docs/messages.md"), "| kind | sent by | values |")
	table, _, _ = strings.Cut(table, "\n\n")
	require.ElementsMatch(t, slices.Collect(maps.Keys(kinds)), firstColumn(table))
	values := regexp.MustCompile("`([^`]+)`")
	for row := range strings.Lines(table) {
		columns := strings.Split(row, "|")
		if len(columns) < 5 || !strings.Contains(columns[1], "`") {
			continue
		}
		kind := firstColumn(row)[0]
		var told []string
		for _, found := range values.FindAllStringSubmatch(columns[3], -1) {
			told = append(told, found[1])
		}
		for _, file := range kinds[kind] {
			require.Contains(t, columns[2], map[bool]string{true: "SMS", false: "mail"}[strings.HasSuffix(file, ".sms.txt")], file)
			for _, value := range []string{"account", "contact", "link", "code", "expires", "name", "inviter"} {
				err := tryTemplate(t, file, "{{with ."+value+"}}{{.}}{{end}} text")
				require.Equal(t, slices.Contains(told, value), err == nil, "%s in %s: %v", value, file, err)
			}
		}
	}
}

// tryTemplate returns why a server would not start with a template, nil if it would.
func tryTemplate(t *testing.T, file, text string) error {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "en"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "en", file), []byte(text), 0o600))
	_, err := notify.New(notify.Config{Templates: folder})
	return err
}

// TestMessagesGuideSignature: the example is signed as the guide explains.
func TestMessagesGuideSignature(t *testing.T) {
	text := page(t, "docs/messages.md")
	header, body, _ := strings.Cut(blocks(text, "http")[0], "\n\n")
	sent := http.Header{}
	for _, line := range strings.Split(header, "\n")[1:] {
		name, value, _ := strings.Cut(line, ": ")
		sent.Set(name, value)
	}
	require.Equal(t, signed(t, secretIn(text), sent, strings.TrimSuffix(body, "\n")), sent.Get("Webhook-Signature"))
}

// TestMessagesGuideWebhook: what a server posts is signed as the guide explains,
// and has the members of its example.
func TestMessagesGuideWebhook(t *testing.T) {
	type delivery struct {
		header http.Header
		body   string
	}
	got := make(chan delivery, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- delivery{r.Header, string(body)}
	}))
	t.Cleanup(receiver.Close)
	text := page(t, "docs/messages.md")
	secret := secretIn(text)
	data := filepath.Join(t.TempDir(), "data")
	roster(t, "", "account", "create", "dev", "--data", data)
	roster(t, `{"webhooks": [{"url": "`+receiver.URL+`", "secret": "`+secret+`", "events": ["user.locked"]}]}`,
		"account", "set", "dev", "--file", "-", "--data", data)

	r := newReader(t)
	r.serve([]string{"--dev", "--data", data})
	r.copy("TOKEN")
	authorization := "Authorization: Bearer " + r.variables["TOKEN"]
	r.curl([]string{r.variables["API"] + "/users", "-H", authorization, "-H", "Content-Type: application/json",
		"-d", `{"emailAddress": "ada@example.com", "givenName": "Ada", "familyName": "King"}`})
	r.variables["ID"] = looks["MACHINE"].FindStringSubmatch(r.bodies[0])[1]
	r.curl([]string{"-X", "POST", r.variables["API"] + "/users/" + r.variables["ID"] + "/lock", "-H", authorization})
	require.Equal(t, []string{"201 POST", "200 POST"}, r.answers)

	select {
	case d := <-got:
		require.Equal(t, signed(t, secret, d.header, d.body), d.header.Get("Webhook-Signature"))
		_, example, _ := strings.Cut(blocks(text, "http")[0], "\n\n")
		require.Equal(t, membersOf(t, example), membersOf(t, d.body))
		require.Contains(t, d.body, `"subject":"`+r.variables["ID"]+`"`)
	case <-time.After(patience):
		t.Fatal("the webhook was not told")
	}
}

// secretIn is the one that the examples of a page share.
func secretIn(text string) string {
	return regexp.MustCompile(`whsec_[A-Za-z0-9+/]+=*`).FindString(text)
}

// signed is the signature that the guide explains.
func signed(t *testing.T, secret string, header http.Header, body string) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	require.NoError(t, err)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(header.Get("Webhook-Id") + "." + header.Get("Webhook-Timestamp") + "." + body))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// membersOf lists the paths of the members of a JSON object, without what is in
// lists.
func membersOf(t *testing.T, text string) (paths []string) {
	t.Helper()
	var object map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &object), text)
	var walk func(prefix string, object map[string]any)
	walk = func(prefix string, object map[string]any) {
		for name, value := range object {
			paths = append(paths, prefix+name)
			if inner, ok := value.(map[string]any); ok {
				walk(prefix+name+".", inner)
			}
		}
	}
	walk("", object)
	slices.Sort(paths)
	return paths
}
