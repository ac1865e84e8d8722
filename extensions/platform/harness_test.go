package platform_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/registry"
	"roster/auth/token"
	"roster/extensions/platform"
	"roster/extensions/rest"
	"roster/extensions/rest/resttest"
	"roster/scim"
	"roster/storage"
	"roster/storage/memory"
)

// accountRoot is where the account API serves the routes of its administrators.
const accountRoot = "/v1/account"

// world is a server with the admin API, the account API's part of it, and three
// accounts: ops, whose token "op" administers the server, and acme and beta, whose
// tokens "acme" and "beta" have all scopes of an account.
type world struct {
	t        *testing.T
	registry *registry.Registry
	store    storage.Store
	handler  http.Handler
	apis     map[string]*rest.API // by root
	document map[string]*resttest.Document
	tokens   map[string]auth.Secret // by what tests call them
	ids      map[string]string      // of accounts by name, and of their tokens by "name token"

	founded      []string // ids of accounts
	failsToFound error
	dropped      []bool // of rotations of signing keys
}

func newWorld(t *testing.T) *world {
	w := &world{
		t: t, store: memory.New(registry.Indexes()), tokens: map[string]auth.Secret{}, ids: map[string]string{},
		document: map[string]*resttest.Document{},
	}
	logger := slog.New(slog.DiscardHandler)
	w.registry = registry.New(registry.Config{Store: w.store, Tokens: token.Format{}, Logger: logger})
	t.Cleanup(w.registry.Close)
	p := platform.New(w.config())
	w.apis = map[string]*rest.API{
		platform.Root: p.API(),
		accountRoot: rest.New(rest.Config{
			Root: accountRoot, Name: "account API", Introduction: "An account.", Protocol: w.protocol,
			Routes: p.AccountRoutes(), Codes: platform.Codes(),
		}),
	}
	var err error
	w.handler, err = httpauth.NewMux(httpauth.Config{Authenticator: w.registry, Logger: logger},
		w.apis[platform.Root].Surface(), w.apis[accountRoot].Surface())
	require.NoError(t, err)
	for root := range w.apis {
		w.document[root], err = resttest.Parse(w.send("", "GET", root+"/openapi.json", "").is(200).body)
		require.NoError(t, err)
	}
	for name, scopes := range map[string][]auth.Scope{"ops": {auth.PlatformAdmin}, "acme": auth.AdministratorScopes(), "beta": auth.AdministratorScopes()} {
		a, err := w.registry.CreateAccount(t.Context(), registry.NewAccount{Name: name})
		require.NoError(t, err)
		w.ids[name] = a.ID
		w.grant(name, name, scopes...)
	}
	w.tokens["op"] = w.tokens["ops"]
	return w
}

func (w *world) config() platform.Config {
	return platform.Config{
		Registry: w.registry, Store: w.store, Protocol: w.protocol,
		Founded: func(_ context.Context, id string) error {
			w.founded = append(w.founded, id)
			return w.failsToFound
		},
		SigningKeys: func(context.Context) ([]platform.SigningKey, error) {
			return []platform.SigningKey{{ID: "1", State: "signing"}}, nil
		},
		RotateSigningKeys: func(_ context.Context, drop bool) error {
			w.dropped = append(w.dropped, drop)
			if len(w.dropped) > 2 {
				return errors.New("the disk is full")
			}
			return nil
		},
	}
}

func (w *world) protocol(ctx context.Context, id string) (scim.Profile, scim.Limits, error) {
	a, err := w.registry.Account(ctx, id)
	return a.Profile, a.Limits, err
}

// grant makes a token of an account, which tests call by a name.
func (w *world) grant(called, account string, scopes ...auth.Scope) {
	w.t.Helper()
	made, secret, err := w.registry.CreateToken(w.t.Context(), registry.NewToken{Account: w.ids[account], Name: called, Scopes: scopes})
	require.NoError(w.t, err)
	w.tokens[called], w.ids[called+" token"] = secret, made.ID
}

// user makes a resource of an account and returns its id.
func (w *world) user(account string) string { return w.resource(account, "User") }

func (w *world) resource(account, typ string) string {
	w.t.Helper()
	id := storage.NewID()
	_, err := w.store.Apply(w.t.Context(), storage.Account(w.ids[account]), storage.Batch{
		Guards: []storage.Guard{storage.Absent{ID: id}},
		Puts:   []storage.Put{{Document: storage.Document{ID: id, Type: typ, Version: "1", Body: []byte("{}")}}},
	})
	require.NoError(w.t, err)
	return id
}

// answer is what a request led to.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
	said   string // method and path
}

// send sends a request with a token by its name, "" for none, and holds the answer
// against the document. {name} in the target stands for the id of that account.
func (w *world) send(by, method, target, body string, headers ...string) answer {
	w.t.Helper()
	for name, id := range w.ids {
		target = strings.ReplaceAll(target, "{"+name+"}", id)
	}
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if by != "" {
		require.NotEmpty(w.t, w.tokens[by], by)
		r.Header.Set("Authorization", "Bearer "+w.tokens[by].Reveal())
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	result := recorder.Result()
	text, err := io.ReadAll(result.Body)
	require.NoError(w.t, err)
	for root, document := range w.document {
		if strings.HasPrefix(target, root+"/") {
			require.NoError(w.t, document.Check(method, r.URL.EscapedPath(), result.StatusCode, result.Header, text), "%s", text)
		}
	}
	require.NotRegexp(w.t, `:\d\d\.\d{4,}`, string(text), "times are no more precise than milliseconds")
	return answer{w.t, result.StatusCode, result.Header, text, method + " " + target}
}

// op sends a request of the operator to the admin API.
func (w *world) op(method, target, body string, headers ...string) answer {
	w.t.Helper()
	return w.send("op", method, platform.Root+target, body, headers...)
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

// get follows names and places, such as "results.0.id"; nil if there is no such
// thing.
func (a answer) get(path string) any {
	a.t.Helper()
	var v any
	require.NoError(a.t, json.Unmarshal(a.body, &v), "%s", a.body)
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			if i := int(name[0] - '0'); i < len(x) {
				v = x[i]
				continue
			}
			return nil
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

// names lists a member of all results.
func (a answer) names(member string) []string {
	a.t.Helper()
	var list struct{ Results []map[string]any }
	require.NoError(a.t, json.Unmarshal(a.body, &list))
	names := []string{}
	for _, r := range list.Results {
		text, _ := r[member].(string)
		names = append(names, text)
	}
	return names
}

// allBut lists every scope but one.
func allBut(scope auth.Scope) []auth.Scope {
	all := append(auth.AccountScopes(), auth.PlatformAdmin)
	return slices.DeleteFunc(all, func(s auth.Scope) bool { return s == scope })
}
