package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/registry"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/cmd/internal/config"
	"roster/scim/server"
)

// limited is a server with limits in a bubble, without a network, so that nothing
// comes back unless the test lets time pass.
type limited struct {
	*app.App
	t testing.TB
}

func newLimited(t *testing.T) *limited {
	a, err := app.New(app.Config{Config: config.Defaults(), Memory: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	return &limited{a, t}
}

func (l *limited) account(name, settings string) (token string) {
	_, err := l.Service().CreateAccount(l.t.Context(), admin.NewAccount{Name: name})
	require.NoError(l.t, err)
	_, err = l.Service().SetAccount(l.t.Context(), admin.AccountChange{Account: name, Settings: settings})
	require.NoError(l.t, err)
	issued, err := l.Service().CreateToken(l.t.Context(), admin.NewToken{Account: name, Name: "test", Scopes: append(auth.AccountScopes(), auth.SCIM)})
	require.NoError(l.t, err)
	return issued.Secret
}

func (l *limited) send(token, method, path string, body io.Reader, length int64) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, body)
	r.ContentLength = length
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	l.Handler().ServeHTTP(w, r)
	return w
}

// TestEveryRouteIsLimited: of a token that has nothing left, of one who guesses and
// of nobody, in the form of the route's surface.
func TestEveryRouteIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimited(t)
		token := l.account("acme", `{"traffic":{"tokenRate":1,"tokenBurst":1}}`)
		get := func(token, path string) int { return l.send(token, "GET", path, nil, 0).Code }
		require.Equal(t, 200, get(token, server.Root+"/Users"))
		for i := 0; get("", "/nothing") != 429; i++ {
			require.LessOrEqual(t, i, 500)
		}
		for i := 0; get("wrong", server.Root+"/Users") != 429; i++ {
			require.LessOrEqual(t, i, 100)
		}
		for _, route := range l.Handler().(interface{ Routes() []httpauth.Route }).Routes() {
			for _, token := range []string{token, "wrong", ""} {
				w := l.send(token, route.Method, route.Pattern, strings.NewReader("{}"), 2)
				require.Equal(t, 429, w.Code, "%s %s", route.Method, route.Pattern)
				require.Equal(t, "1", w.Header().Get("Retry-After"))
				var form map[string]any
				require.NoError(t, json.Unmarshal(w.Body.Bytes(), &form))
				switch {
				case strings.HasPrefix(route.Pattern, server.Root):
					require.Equal(t, "429", form["status"])
					require.Contains(t, form["schemas"], "urn:ietf:params:scim:api:messages:2.0:Error")
				case !strings.HasPrefix(route.Pattern, "/v1/"):
					require.Contains(t, form, "error", "as RFC 6749 section 5.2 has it")
				default:
					require.Equal(t, "too_many_requests", form["code"])
					require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
				}
			}
		}
		time.Sleep(time.Second) // of the fake clock
		require.Equal(t, 200, get(token, server.Root+"/Users"))
	})
}

// TestTrafficOfAnAccount: the defaults are far above what identity providers send,
// and a changed setting holds for the next request.
func TestTrafficOfAnAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimited(t)
		token, other := l.account("acme", `{}`), l.account("globex", `{}`)
		get := func(token string) *httptest.ResponseRecorder {
			return l.send(token, "GET", server.Root+"/Users", nil, 0)
		}
		through := func(token string) (n int) {
			for get(token).Code == 200 {
				n++
			}
			return n
		}
		require.Equal(t, "4999", get(token).Header().Get("X-Rate-Limit-Remaining"))
		require.Equal(t, 4999, through(token))
		time.Sleep(time.Second)
		require.Equal(t, 100, through(token))
		_, err := l.Service().SetAccount(t.Context(), admin.AccountChange{Account: "acme", Settings: `{"traffic":{"tokenRate":200}}`})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		require.Equal(t, 5000, through(token))
		time.Sleep(time.Second)
		require.Equal(t, 200, through(token))
		require.Equal(t, 5000, through(other), "another account")
		require.Equal(t, strconv.Itoa(int(time.Now().Unix()+50)), get(other).Header().Get("X-Rate-Limit-Reset"))
	})
}

// TestTokensAreLimited: a client that asks for one access token after the other does
// not fill the audit, and has no more requests than others.
func TestTokensAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimited(t)
		l.account("acme", `{"traffic":{"tokenRate":1,"tokenBurst":3}}`)
		client, err := l.Service().CreateToken(t.Context(), admin.NewToken{Account: "acme", Form: registry.FormSecret, Name: "client", Scopes: []auth.Scope{auth.SCIM}})
		require.NoError(t, err)
		ask := func() (*httptest.ResponseRecorder, string) {
			form := url.Values{"grant_type": {"client_credentials"}, "client_id": {client.ClientID}, "client_secret": {client.ClientSecret}}
			r := httptest.NewRequest("POST", "/oauth2/token", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			l.Handler().ServeHTTP(w, r)
			var answer map[string]any
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
			token, _ := answer["access_token"].(string)
			return w, token
		}
		first, token := ask()
		require.Equal(t, 200, first.Code)
		require.Equal(t, "2", first.Header().Get("X-Rate-Limit-Remaining"))
		use := func() int { return l.send(token, "GET", server.Root+"/Users", nil, 0).Code }
		require.Equal(t, 200, use())
		second, _ := ask()
		require.Equal(t, 200, second.Code)
		for range 100 {
			w, none := ask()
			require.Equal(t, 429, w.Code)
			require.Equal(t, "1", w.Header().Get("Retry-After"))
			require.Empty(t, none)
		}
		require.Equal(t, 429, use())

		var audit bytes.Buffer
		require.NoError(t, l.Service().ExportAudit(t.Context(), admin.AuditQuery{Account: "acme"}, &audit))
		require.Equal(t, 2, strings.Count(audit.String(), "accesstoken.issued"))
		time.Sleep(time.Second) // of the fake clock
		third, _ := ask()
		require.Equal(t, 200, third.Code)
	})
}

// body is one that is read and does not come.
type body struct {
	read *atomic.Int64
	once atomic.Bool
	end  chan struct{}
}

func (b *body) Read([]byte) (int, error) {
	if b.once.CompareAndSwap(false, true) {
		b.read.Add(1)
	}
	<-b.end
	return 0, io.ErrUnexpectedEOF
}

// TestHostileBodies: of 48 bodies of 1 MiB that are sent at once, few are in work.
// The others are refused after a short time, and small requests are served.
func TestHostileBodies(t *testing.T) {
	for _, tt := range []struct {
		name     string
		accounts int
		most     int64
	}{{"of one account", 1, 3}, {"of many accounts", 48, 7}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLimited(t)
				var tokens []string
				for i := range tt.accounts {
					tokens = append(tokens, l.account(fmt.Sprint("account", i), `{}`))
				}
				var read, refused atomic.Int64
				end := make(chan struct{})
				for i := range 48 {
					go func() {
						w := l.send(tokens[i%len(tokens)], "POST", server.Root+"/Users", &body{read: &read, end: end}, 1<<20)
						if w.Code == http.StatusTooManyRequests || w.Code == http.StatusServiceUnavailable {
							refused.Add(1)
						}
					}()
				}
				synctest.Wait()
				require.EqualValues(t, tt.most, read.Load())
				time.Sleep(3 * time.Second)
				synctest.Wait()
				require.EqualValues(t, 48-tt.most, refused.Load())
				require.EqualValues(t, tt.most, read.Load())
				require.Equal(t, 200, l.send(tokens[0], "GET", server.Root+"/Users", nil, 0).Code)
				close(end)
				synctest.Wait()
				require.EqualValues(t, 48-tt.most, refused.Load())
			})
		})
	}
}
