package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/factor"
	"roster/auth/httpauth"
	"roster/auth/password"
	"roster/extensions"
	"roster/extensions/accountuser"
	"roster/extensions/accountuser/api"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/invitations"
	"roster/extensions/accountuser/model"
	"roster/extensions/events"
	"roster/extensions/notify"
	"roster/extensions/rest"
	"roster/extensions/rest/resttest"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/memory"
)

const (
	key    = auth.Secret("0123456789abcdef0123456789abcdef")
	origin = "https://login.example.com"
)

// world is a server with the account model, and two accounts.
type world struct {
	t        *testing.T
	handler  http.Handler
	document *resttest.Document
	api      *rest.API
	host     extensions.Host
	acme     string // id of the account that tokens are of
	beta     string // id of another one

	lock sync.Mutex
	user string // that the token "user" belongs to
}

func settings(account storage.Account) model.Settings {
	return model.Settings{
		ID: string(account), Name: "acme", InvitationLifetime: time.Hour, VerificationLifetime: time.Hour, ResetLifetime: time.Hour,
		PasswordMin: 8, MaxFailedLogins: 3, RetainRemoved: time.Hour, Language: "en", MailDomains: []string{"example.com", "example.org"},
	}
}

func protocol(context.Context, string) (scim.Profile, scim.Limits, error) {
	return scim.DefaultProfile(), scim.DefaultLimits(), nil
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, acme: storage.NewID(), beta: storage.NewID()}
	definitions, err := schema.Define(nil, model.Definitions()...)
	require.NoError(t, err)
	store := memory.New(append(query.Indexes(definitions.Types), model.Indexes()...))
	c := accountuser.Config{
		Store:    store,
		Settings: func(_ context.Context, a storage.Account) (model.Settings, error) { return settings(a), nil },
		Protocol: protocol,
		Accounts: func(context.Context) ([]storage.Account, error) {
			return []storage.Account{storage.Account(w.acme), storage.Account(w.beta)}, nil
		},
		Webhooks: func(context.Context, storage.Account) ([]accountuser.Webhook, error) { return nil, nil },
		WebhookSecret: func(context.Context, storage.Account, string) (auth.Secret, error) {
			return "", errors.New("there are no webhooks")
		},
		Key: key, Logger: slog.New(slog.DiscardHandler),
	}
	extension, err := accountuser.New(c)
	require.NoError(t, err)
	hasher := password.New(password.Config{Memory: 8, Time: 1})
	p, err := provider.New(provider.Config{
		Store: store, Types: definitions.Types, Hasher: hasher,
		Rules: extension.Rules, Computed: extension.Computed, Knows: extension.Knows,
	})
	require.NoError(t, err)
	w.host = extensions.Host{Store: store, Provider: p, Types: definitions.Types}
	for _, account := range []string{w.acme, w.beta} {
		require.NoError(t, extension.Found(t.Context(), w.host, storage.Account(account)))
	}
	w.api = newAPI(t, c, w.host, hasher)
	w.handler, err = httpauth.NewMux(httpauth.Config{Authenticator: w, Logger: c.Logger}, w.api.Surface())
	require.NoError(t, err)
	w.document, err = resttest.Parse(w.send("GET", "/openapi.json", "").body)
	require.NoError(t, err)
	return w
}

// newAPI puts the domain together, as package accountuser does for a server.
func newAPI(t *testing.T, c accountuser.Config, h extensions.Host, hasher *password.Hasher) *rest.API {
	m := model.New(model.Config{Settings: c.Settings, Accounts: c.Accounts})
	codes, err := factor.NewKey(c.Key)
	require.NoError(t, err)
	notifier, err := notify.New(notify.Config{})
	require.NoError(t, err)
	issuer, err := invitations.NewIssuer(invitations.Config{Model: m, Notifier: notifier, Key: codes})
	require.NoError(t, err)
	g := grants.New(m)
	users := m.Users(h)
	users.Verifier, users.Grants = issuer, g
	creds := credentials.New(credentials.Config{
		Users: users, Hasher: hasher, Key: codes, Settings: c.Protocol, Scopes: g.Scopes, Notifier: notifier, Logger: c.Logger,
		RelyingParty: func(model.Settings) factor.RelyingPartyConfig {
			return factor.RelyingPartyConfig{ID: "example.com", Name: "Example", Origins: []string{origin}}
		},
	})
	t.Cleanup(creds.Close)
	return api.New(api.Config{
		Users: users, Grants: g.Access(users), Credentials: creds,
		Invitations: &invitations.Invitations{Issuer: issuer, Users: users, Settings: c.Protocol},
		Events:      events.Log{Store: h.Store}, Protocol: c.Protocol,
		Account: func(_ context.Context, id string) (api.Account, error) {
			return api.Account{ID: id, Name: "acme", Contact: api.Contact{Name: "Ada"}}, nil
		},
		Routes: []rest.Route{{
			Method: "GET", Pattern: "/weather", Scope: auth.AccountWrite, Status: 200, Name: "get weather", Summary: "What it is like outside",
			Operation: rest.Handle(func(context.Context, *rest.Request, struct{}) (rest.None, error) {
				return rest.None{}, rest.Refuse(409, "too_cold", "wait for the summer")
			}), Codes: []rest.Code{"too_cold"},
		}},
		Codes: []rest.Meaning{{Code: "too_cold", Status: 409, Means: "It is too cold"}},
	})
}

// Authenticate implements auth.Authenticator: "all" has every scope of acme,
// "user" too and belongs to a user, "other" is of the other account, and any other
// text is a list of scopes.
func (w *world) Authenticate(_ context.Context, s auth.Secret) (*auth.Principal, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	p := &auth.Principal{Account: w.acme, Subject: storage.NewID(), Name: "test", Scopes: append(auth.AccountScopes(), auth.SCIM)}
	switch text := s.Reveal(); text {
	case "all":
	case "user":
		p.User = w.user
	case "other":
		p.Account = w.beta
	default:
		p.Scopes = nil
		for scope := range strings.SplitSeq(text, "+") {
			p.Scopes = append(p.Scopes, auth.Scope(strings.ReplaceAll(scope, ".", ":")))
		}
	}
	return p, nil
}

// answer is what a request led to.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
	said   string // method and path
}

// send sends a request with the token "all", or that of a header "token: x", "" for
// none, and holds the answer against the document.
func (w *world) send(method, target, body string, headers ...string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, api.Root+target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer all")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name != "token" {
			r.Header.Set(name, value)
			continue
		}
		r.Header.Set("Authorization", "Bearer "+value)
		if value == "" {
			r.Header.Del("Authorization")
		}
	}
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	result := recorder.Result()
	text, err := io.ReadAll(result.Body)
	require.NoError(w.t, err)
	if w.document != nil {
		require.NoError(w.t, w.document.Check(method, r.URL.EscapedPath(), result.StatusCode, result.Header, text), "%s", text)
	}
	require.NotRegexp(w.t, `:\d\d\.\d{4,}`, string(text), "times are no more precise than milliseconds")
	return answer{w.t, result.StatusCode, result.Header, text, method + " " + target}
}

// is requires a status and, for a refusal, its code.
func (a answer) is(status int, code ...string) answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s: %s", a.said, a.body)
	if len(code) > 0 {
		require.Equal(a.t, code[0], a.get("code"), "%s: %s", a.said, a.body)
	}
	return a
}

// value is the body.
func (a answer) value() any {
	a.t.Helper()
	var v any
	require.NoError(a.t, json.Unmarshal(a.body, &v), "%s", a.body)
	return v
}

// get follows names and places, such as "results.0.userId"; nil if there is no
// such thing.
func (a answer) get(path string) any {
	a.t.Helper()
	return follow(a.value(), path)
}

func follow(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			if i := int(name[0] - '0'); i < len(x) {
				v = x[i]
			} else {
				return nil
			}
		default:
			return nil
		}
	}
	return v
}

// text is get for strings.
func (a answer) text(path string) string {
	a.t.Helper()
	s, ok := a.get(path).(string)
	require.True(a.t, ok, "%s has no text %s: %s", a.said, path, a.body)
	return s
}

// human makes an active user with a password and returns its path.
func (w *world) human(name string, more ...string) string {
	w.t.Helper()
	body := `{"emailAddress":"` + name + `@example.com","givenName":"` + name + `","familyName":"Test","emailVerified":true,"password":"correct horse"` + strings.Join(more, "") + `}`
	return "/users/" + w.send("POST", "/users", body).is(201).text("userId")
}

// invited makes an invited user and returns its path.
func (w *world) invited(name string) string {
	w.t.Helper()
	return "/users/" + w.send("POST", "/invitation/invite", `{"emailAddress":"`+name+`@example.com"}`).is(201).text("userId")
}

func (w *world) machine(name string) string {
	w.t.Helper()
	return "/users/" + w.send("POST", "/users", `{"kind":"machine","userName":"`+name+`","displayName":"`+name+`"}`).is(201).text("userId")
}

func idOf(path string) string { return strings.TrimPrefix(path, "/users/") }

// resource makes a SCIM resource of another type and returns its id.
func (w *world) resource(typeName, body string) string {
	w.t.Helper()
	v, err := scim.ParseJSON([]byte(body))
	require.NoError(w.t, err)
	call := provider.Call{Account: storage.Account(w.acme), Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Source: "scim"}
	r, err := w.host.Provider.Create(w.t.Context(), call, w.host.Type(typeName), v, provider.Projection{})
	require.NoError(w.t, err)
	return r.ID
}

// letters lists the texts of the messages in the outbox, oldest first.
func (w *world) letters(by notify.Channel) (texts []string) {
	w.t.Helper()
	require.NoError(w.t, w.host.Store.View(w.t.Context(), storage.Account(w.acme), func(s storage.Snapshot) error {
		messages, err := s.Messages(w.t.Context(), notify.Outbox, time.Now().Add(time.Hour), 100)
		for _, m := range messages {
			var l notify.Letter
			require.NoError(w.t, json.Unmarshal(m.Body, &l))
			if l.Channel == by {
				texts = append(texts, l.Text)
			}
		}
		return err
	}))
	return texts
}

// last finds a pattern in the newest message.
func (w *world) last(by notify.Channel, pattern string) string {
	w.t.Helper()
	all := w.letters(by)
	require.NotEmpty(w.t, all)
	found := regexp.MustCompile(pattern).FindString(all[len(all)-1])
	require.NotEmpty(w.t, found, all[len(all)-1])
	return found
}

// token is the one-time token in the newest mail.
func (w *world) token() string {
	w.t.Helper()
	return w.last(notify.Mail, factor.OneTimePattern)
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return text
}
