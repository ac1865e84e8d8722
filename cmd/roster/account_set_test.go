package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/registry"
)

const signingSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// TestSettingsExample: what the help shows is taken, shown and taken back, and it
// has every setting.
func TestSettingsExample(t *testing.T) {
	_, example, found := strings.Cut(setAccountCommand{}.Help(), "All there is:")
	require.True(t, found)
	example, _, found = strings.Cut(example, "A wrong name")
	require.True(t, found)
	requireMembers(t, reflect.TypeFor[registry.Settings](), example)

	data := t.TempDir()
	command := func(args ...string) string {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run(t.Context(), environment{&stdout, &stderr, nil}, append(args, "--data", data)), stderr.String())
		require.NotContains(t, stdout.String()+stderr.String(), signingSecret)
		return stdout.String()
	}
	file := filepath.Join(t.TempDir(), "settings.json")
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	command("account", "create", "acme")
	write(strings.ReplaceAll(example, "whsec_...", signingSecret))
	command("account", "set", "acme", "--file", file)
	shown := command("account", "show", "acme", "--json")
	requireMembers(t, reflect.TypeFor[registry.Settings](), shown)
	require.Contains(t, shown, `"secret": "[secret]"`)
	write(shown)
	command("account", "set", "acme", "--file", file)
	require.Equal(t, shown, command("account", "show", "acme", "--json"))
}

// requireMembers fails if a member of a struct is not in a JSON object.
func requireMembers(t *testing.T, structure reflect.Type, object string) {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(object), &members))
	for _, field := range reflect.VisibleFields(structure) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		require.Contains(t, members, name)
		if field.Type.Kind() == reflect.Struct {
			requireMembers(t, field.Type, string(members[name]))
		}
	}
}

// TestSettingFlags: a flag says one setting, and an empty one its default.
func TestSettingFlags(t *testing.T) {
	tests := []struct{ args, want string }{
		{"", `{}`},
		{"--profile strict", `{"profile":"strict"}`},
		{"--mail-domain a.example --mail-domain b.example,c.example", `{"mailDomains":["a.example","b.example","c.example"]}`},
		{"--mail-domain=", `{"mailDomains":[]}`},
		{"--default-role reader", `{"defaultRoles":["reader"]}`},
		{"--default-role=", `{"defaultRoles":[]}`},
		{"--language de-AT", `{"language":"de-AT"}`},
		{"--language=", `{"language":""}`},
		{"--max-failed-logins 5 --password-min 0", `{"policy":{"passwordMin":0,"maxFailedLogins":5}}`},
		{"--retain-removed 720h --reset-lifetime 0", `{"policy":{"resetLifetime":"0s","retainRemoved":"30d"}}`},
		{"--invitation-lifetime=", `{"policy":{"invitationLifetime":"0s"}}`},
		{"--verification-lifetime 36h", `{"policy":{"verificationLifetime":"36h"}}`},
	}
	for _, tt := range tests {
		parser, err := newParser(environment{})
		require.NoError(t, err)
		parsed, err := parser.Parse(append([]string{"account", "set", "acme", "--data", "data"}, strings.Fields(tt.args)...))
		require.NoError(t, err, tt.args)
		set := &parsed.Model.Target.Addr().Interface().(*commands).Account.Set
		text, err := set.text()
		require.NoError(t, err)
		require.JSONEq(t, tt.want, text, tt.args)
	}
}
