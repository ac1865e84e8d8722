package registry_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
	"roster/auth/token"
)

// signing is a secret of Standard Webhooks' own example.
const signing auth.Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func webhook(url string, events ...string) registry.Webhook {
	return registry.Webhook{URL: url, Secret: signing, Events: events}
}

// secretOf is a secret of so many bytes.
func secretOf(n int) auth.Secret {
	return auth.Secret("whsec_" + base64.StdEncoding.EncodeToString(make([]byte, n)))
}

func TestWebhooks(t *testing.T) {
	const url, secret, event = "use an https URL without a fragment", "use whsec_ and the base64 of 24 to 64 random bytes", "the type of an event, such as user.locked"
	const hook = "https://hooks.example.com"
	long := strings.Repeat("x", 10_000)
	tests := []struct {
		webhooks []registry.Webhook
		problem  string // "" if there is none
	}{
		{[]registry.Webhook{webhook(hook), webhook(hook+"/b", "user.locked", "roleAssigned")}, ""},
		{[]registry.Webhook{webhook("http://localhost:9000/hook?tenant=7")}, ""},
		{[]registry.Webhook{{URL: hook, Secret: secretOf(24)}, {URL: hook + "/b", Secret: secretOf(64)}}, ""},

		{[]registry.Webhook{webhook("")}, url},
		{[]registry.Webhook{webhook("http://hooks.example.com")}, url},
		{[]registry.Webhook{webhook("https://hooks.example.com/#x")}, url},
		{[]registry.Webhook{webhook("https://a:b@hooks.example.com")}, url},
		{[]registry.Webhook{webhook(hook + "/" + long)}, url},
		{[]registry.Webhook{webhook(hook), webhook(hook)}, "it is there twice"},
		{make([]registry.Webhook, 21), "21 webhooks are not valid: use at most 20"},

		{[]registry.Webhook{{URL: hook}}, secret},
		{[]registry.Webhook{{URL: hook, Secret: "hunter2"}}, secret},
		{[]registry.Webhook{{URL: hook, Secret: "whsec_hunter2"}}, secret},
		{[]registry.Webhook{{URL: hook, Secret: signing[len("whsec_"):]}}, secret},
		{[]registry.Webhook{{URL: hook, Secret: secretOf(23)}}, secret},
		{[]registry.Webhook{{URL: hook, Secret: secretOf(65)}}, secret},
		{[]registry.Webhook{{URL: hook, Secret: signing + "\n"}}, secret},
		{[]registry.Webhook{{URL: hook, Secret: auth.Secret(long)}}, secret},

		{[]registry.Webhook{webhook(hook, "")}, event},
		{[]registry.Webhook{webhook(hook, "user.")}, event},
		{[]registry.Webhook{webhook(hook, "user.*")}, event},
		{[]registry.Webhook{webhook(hook, "user locked")}, event},
		{[]registry.Webhook{webhook(hook, long)}, event},
		{[]registry.Webhook{webhook(hook, "user.locked", "user.locked")}, "it is there twice"},
		{[]registry.Webhook{webhook(hook, make([]string, 101)...)}, "101 events of a webhook are not valid: use at most 100"},
	}
	for _, tt := range tests {
		kept, err := registry.Settings{Webhooks: tt.webhooks}.Normalised()
		if tt.problem == "" {
			require.NoError(t, err)
			require.Equal(t, tt.webhooks, kept.Webhooks)
			continue
		}
		require.ErrorIs(t, err, registry.ErrInvalid, "%.100v", tt.webhooks)
		require.ErrorContains(t, err, tt.problem)
		require.NotContains(t, err.Error(), "hunter2")
		require.Less(t, len(err.Error()), 400)
	}
}

func TestWebhookWants(t *testing.T) {
	require.True(t, webhook("https://a.example").Wants("user.locked"), "none named: all")
	some := webhook("https://a.example", "user.locked", "user.removed")
	require.True(t, some.Wants("user.removed"))
	require.False(t, some.Wants("user"))
	require.False(t, some.Wants("user.locked.twice"))
}

// TestSecretsAreKept: also by a registry that reads them from the store.
func TestSecretsAreKept(t *testing.T) {
	f := newFixture(t)
	hooks := []registry.Webhook{webhook("https://a.example", "user.locked"), {URL: "https://b.example", Secret: secretOf(32)}}
	made, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme", Settings: registry.Settings{Webhooks: hooks}})
	require.NoError(t, err)
	require.Equal(t, hooks, made.Settings.Webhooks)
	other := registry.New(registry.Config{Store: f.store, Tokens: token.Format{}})
	defer other.Close()
	read, err := other.Account(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, hooks, read.Settings.Webhooks)
}

// TestSecretsAreNotShown: not in JSON, nor in what a log or a format verb prints.
func TestSecretsAreNotShown(t *testing.T) {
	require.Equal(t, fmt.Sprint(signing), registry.Kept.Reveal(), "what is shown is what is taken back")
	s := registry.Settings{Webhooks: []registry.Webhook{webhook("https://a.example")}}
	text, err := json.Marshal(s)
	require.NoError(t, err)
	shown := string(text) + fmt.Sprintf("%v %+v %#v %q", s, s, s, s.Webhooks)
	require.NotContains(t, shown, "whsec_")
	require.Contains(t, string(text), registry.Kept.Reveal())
}

// TestKeptSecrets: settings that were shown are taken back, with the secret of
// the same URL and no other.
func TestKeptSecrets(t *testing.T) {
	const a, b = "https://a.example", "https://b.example"
	kept := func(url string) registry.Webhook { return registry.Webhook{URL: url, Secret: registry.Kept} }
	fresh := registry.Webhook{URL: a, Secret: secretOf(32)}
	tests := []struct {
		name      string
		set, want []registry.Webhook // want nil if it is refused
	}{
		{"as shown", []registry.Webhook{kept(a)}, []registry.Webhook{webhook(a)}},
		{"with other events", []registry.Webhook{{URL: a, Secret: registry.Kept, Events: []string{"user.locked"}}}, []registry.Webhook{webhook(a, "user.locked")}},
		{"one added", []registry.Webhook{webhook(b), kept(a)}, []registry.Webhook{webhook(b), webhook(a)}},
		{"a new secret", []registry.Webhook{fresh}, []registry.Webhook{fresh}},
		{"moved elsewhere", []registry.Webhook{kept(b)}, nil},
		{"one that is not known", []registry.Webhook{kept(a), kept(b)}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			before := registry.Settings{Webhooks: []registry.Webhook{webhook(a)}}
			made, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme", Settings: before})
			require.NoError(t, err)
			_, err = f.UpdateAccount(t.Context(), made.ID, func(s *registry.Settings) error {
				s.Webhooks = tt.set
				return nil
			})
			want := tt.want
			if want == nil {
				require.ErrorIs(t, err, registry.ErrInvalid)
				require.ErrorContains(t, err, `the secret of webhook "https://b.example" is not valid: none is kept for this URL`)
				want = before.Webhooks
			} else {
				require.NoError(t, err)
			}
			after, err := f.Account(t.Context(), made.ID)
			require.NoError(t, err)
			require.Equal(t, want, after.Settings.Webhooks)
		})
	}
	f := newFixture(t)
	_, err := f.CreateAccount(t.Context(), registry.NewAccount{Name: "acme", Settings: registry.Settings{Webhooks: []registry.Webhook{kept(a)}}})
	require.ErrorIs(t, err, registry.ErrInvalid, "a new account has no secrets to keep")
}
