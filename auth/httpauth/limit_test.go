package httpauth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/limit"
)

// bounded is a mux with limits, of which nothing comes back unless the clock of
// the bubble is moved.
type bounded struct {
	*httpauth.Mux
	logs bytes.Buffer
}

func newBounded(t *testing.T, c limit.Config, may limit.Account, surfaces ...httpauth.Surface) *bounded {
	b := &bounded{}
	m, err := httpauth.NewMux(httpauth.Config{
		Authenticator: tokens{
			reader: {Account: "a", Subject: "r", Scopes: []auth.Scope{auth.SCIMRead}},
			writer: {Account: "a", Subject: "w", Scopes: []auth.Scope{auth.SCIM}},
		},
		Logger:  slog.New(slog.NewTextHandler(&b.logs, nil)),
		Limiter: limit.New(c),
		Allowance: func(_ context.Context, account string) (limit.Account, error) {
			if account != "a" {
				return limit.Account{}, errors.New("there is no such account")
			}
			return may, nil
		},
	}, surface, surfaces...)
	require.NoError(t, err)
	b.Mux = m
	return b
}

func (b *bounded) send(method, path, token, address string) *httptest.ResponseRecorder {
	if token != "" {
		token = "Bearer " + token
	}
	return b.sendHeader(method, path, token, address)
}

func (b *bounded) sendHeader(method, path, authorization, address string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr = address
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

const (
	here  = "192.0.2.1:1000"
	again = "192.0.2.1:2000" // another connection
	there = "192.0.2.2:1000"
)

// TestTooMany walks what is counted apart: rows of requests that are let through,
// the one that is not, and those that others still may.
func TestTooMany(t *testing.T) {
	type request struct{ method, path, token, address string }
	one, two := limit.Rate{PerSecond: 1, Burst: 1}, limit.Rate{PerSecond: 1, Burst: 2}
	much := limit.Rate{PerSecond: 1000, Burst: 1000}
	read := request{"GET", "/required", reader, here}
	for _, tt := range []struct {
		name    string
		config  limit.Config
		may     limit.Account
		through []request
		refused []request
		others  []request
	}{
		{
			"a token", limit.Config{}, limit.Account{Token: two, All: much},
			[]request{read, {"GET", "/optional", reader, there}},
			[]request{read, {"GET", "/write", reader, there}},
			[]request{{"GET", "/required", writer, here}, {"GET", "/optional", "", here}},
		},
		{
			"a token without the scope", limit.Config{}, limit.Account{Token: two, All: much},
			[]request{{"GET", "/write", reader, here}, {"GET", "/write", reader, here}},
			[]request{{"GET", "/write", reader, here}, read},
			nil,
		},
		{
			"an account", limit.Config{}, limit.Account{Token: two, All: two},
			[]request{read, {"GET", "/required", writer, here}},
			[]request{read, {"GET", "/required", writer, here}},
			[]request{{"GET", "/required", "", here}},
		},
		{
			"nobody", limit.Config{Anonymous: limit.Rate{PerSecond: 1, Burst: 6}}, limit.Account{},
			[]request{
				{"GET", "/optional", "", here}, {"GET", "/required", "", again}, {"GET", "/nothing", "", here},
				{"GET", "/nothing", reader, here}, {"PUT", "/optional", "", here}, {"OPTIONS", "/optional", "", here},
			},
			[]request{{"GET", "/optional", "", again}, {"GET", "/required", "", here}, {"GET", "/nothing", "", here},
				{"BREW", "/required", "", here}, {"OPTIONS", "/optional", "", here}, {"GET", "/required", "a,b", here}},
			[]request{read, {"GET", "/optional", reader, here}, {"GET", "/optional", "", there}, {"GET", "/required", "wrong", here}},
		},
		{
			"guesses", limit.Config{Failed: two}, limit.Account{},
			[]request{read, {"GET", "/required", "wrong", here}, {"GET", "/optional", "other", again}},
			[]request{{"GET", "/required", "wrong", here}, {"GET", "/optional", "third", here}, {"GET", "/required", writer, here}},
			[]request{read, {"GET", "/required", writer, there}, {"GET", "/required", writer, here}, {"GET", "/required", "", here}},
		},
		{
			"guesses from everywhere", limit.Config{AllFailed: two}, limit.Account{},
			[]request{read, {"GET", "/required", "wrong", here}, {"GET", "/required", "wrong", there}},
			[]request{{"GET", "/required", "wrong", "192.0.2.3:1"}, {"GET", "/required", writer, "192.0.2.3:1"}},
			[]request{read, {"GET", "/required", reader, there}, {"GET", "/optional", "", here}},
		},
		{
			"what cannot be looked at is no guess", limit.Config{Failed: one}, limit.Account{},
			[]request{{"GET", "/required", "broken", here}, {"GET", "/required", "broken", here}, {"GET", "/required", "wrong", here}},
			[]request{{"GET", "/required", "broken", here}},
			nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBounded(t, tt.config, tt.may)
				ask := func(r request) *httptest.ResponseRecorder { return b.send(r.method, r.path, r.token, r.address) }
				for i, r := range tt.through {
					require.NotEqual(t, 429, ask(r).Code, "%d: %v", i, r)
				}
				for i, r := range tt.refused {
					w := ask(r)
					require.Equal(t, 429, w.Code, "%d: %v", i, r)
					require.Equal(t, "1", w.Header().Get("Retry-After"))
					require.Empty(t, w.Header().Get("WWW-Authenticate"))
					require.Contains(t, w.Body.String(), "; wait as long as Retry-After says")
				}
				for i, r := range tt.others {
					require.NotEqual(t, 429, ask(r).Code, "%d: %v", i, r)
				}
				time.Sleep(time.Second) // of the fake clock
				require.NotEqual(t, 429, ask(tt.refused[0]).Code)
			})
		})
	}
}

// TestRemaining: each answer to a principal tells what is left.
func TestRemaining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		may := limit.Account{Token: limit.Rate{PerSecond: 10, Burst: 2}, All: limit.Rate{PerSecond: 100, Burst: 100}}
		b := newBounded(t, limit.Config{}, may)
		reset := fmt.Sprint(time.Now().Unix() + 1)
		for _, row := range []struct{ path, remaining string }{{"/required", "1"}, {"/write", "0"}, {"/required", "0"}} {
			h := b.send("GET", row.path, reader, here).Header()
			require.Equal(t, []string{"2", row.remaining, reset},
				[]string{h.Get("X-Rate-Limit-Limit"), h.Get("X-Rate-Limit-Remaining"), h.Get("X-Rate-Limit-Reset")})
		}
		require.Empty(t, b.send("GET", "/optional", "", here).Header().Get("X-Rate-Limit-Limit"))
	})
}

// TestTooManyHasTheFormOfTheSurface: on every kind of route.
func TestTooManyHasTheFormOfTheSurface(t *testing.T) {
	other := httpauth.Surface{
		Root: "/v2", Fail: plainly("two"),
		Routes: []httpauth.Route{
			{Method: "GET", Pattern: "/v2/x", Scope: auth.SCIMRead, Name: "x", Handler: says("x")},
			open("GET", "/v2/y", "y"),
		},
	}
	b := newBounded(t, limit.Config{Anonymous: limit.Rate{PerSecond: 1, Burst: 1}},
		limit.Account{Token: limit.Rate{PerSecond: 1, Burst: 1}}, other)
	b.send("GET", "/required", reader, here)
	b.send("GET", "/optional", "", here)
	for path, form := range map[string]string{"/required": "plain", "/optional": "plain", "/nothing": "plain", "/v2/x": "two", "/v2/y": "two", "/v2/z": "two"} {
		for _, token := range []string{reader, ""} {
			w := b.send("GET", path, token, here)
			require.Equal(t, 429, w.Code, path)
			require.True(t, strings.HasPrefix(w.Body.String(), form+": "), "%s: %s", path, w.Body)
			require.NotEmpty(t, w.Header().Get(httpauth.CorrelationHeader))
		}
	}
}

// TestFloodIsNotLogged: but that it was one is, and principals that are let through
// always are.
func TestFloodIsNotLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		may := limit.Account{Token: limit.Rate{PerSecond: 1, Burst: 30}}
		b := newBounded(t, limit.Config{Logged: limit.Rate{PerSecond: 1, Burst: 5}}, may)
		lines := func(n int, path, token string) int {
			b.logs.Reset()
			for range n {
				b.send("GET", path, token, here)
			}
			return strings.Count(b.logs.String(), "\n")
		}
		require.Equal(t, 5, lines(20, "/optional", ""))
		require.Equal(t, 0, lines(20, "/nothing", ""))
		require.Equal(t, 0, lines(20, "/required", "wrong"))
		require.Equal(t, 30, lines(100, "/required", reader), "70 were too many")
		require.Equal(t, 5, lines(10, "/required", "broken"), "the server's own faults, apart")
		require.Contains(t, b.logs.String(), "unlogged=125")
		time.Sleep(time.Second)
		require.Equal(t, 1, lines(2, "/optional", ""))
		require.Contains(t, b.logs.String(), "unlogged=5")
	})
}

// TestCrowd: more than are let in at once wait, and are refused if nobody leaves.
func TestCrowd(t *testing.T) {
	for _, tt := range []struct {
		name          string
		config        limit.Config
		may           limit.Account
		inside, token string // of who is in work, and of who wants to be
		status        int
		says          string
	}{
		{"of an account", limit.Config{Places: 8}, limit.Account{Places: 1}, reader, reader, 429, "two: the account has"},
		{"of all", limit.Config{Places: 1}, limit.Account{Places: 4}, "", reader, 503, "two: the server has"},
		{"of nobody", limit.Config{Places: 4}, limit.Account{}, "", "", 429, "two: too many requests without a valid token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				end := make(chan struct{})
				slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					<-end
					if r.URL.Path == "/v2/panic" {
						panic("in work")
					}
				})
				b := newBounded(t, tt.config, tt.may, httpauth.Surface{Root: "/v2", Fail: plainly("two"), Routes: []httpauth.Route{
					{Method: "GET", Pattern: "/v2/slow", Scope: auth.Open, Name: "slow", Handler: slow},
					{Method: "GET", Pattern: "/v2/panic", Scope: auth.Open, Name: "panic", Handler: slow},
				}})
				answered := make(chan int)
				ask := func(path, token string) { go func() { answered <- b.send("GET", path, token, here).Code }() }
				ask("/v2/panic", tt.inside)
				synctest.Wait()
				w := b.send("GET", "/v2/slow", tt.token, here)
				require.Equal(t, tt.status, w.Code)
				require.Equal(t, "1", w.Header().Get("Retry-After"))
				require.True(t, strings.HasPrefix(w.Body.String(), tt.says), w.Body.String())
				ask("/v2/slow", tt.token) // waits
				synctest.Wait()
				close(end)
				require.ElementsMatch(t, []int{500, 200}, []int{<-answered, <-answered}, "a panic leaves, too")
			})
		})
	}
}

// TestAllowanceFails: nobody is let through without a bound, nor into an account that
// went after the credential was looked at.
func TestAllowanceFails(t *testing.T) {
	for _, row := range []struct {
		err    error
		status int
		logged bool
	}{
		{errors.New("the disk is gone"), 503, true},
		{fmt.Errorf("the disk is fine: %w", auth.ErrUnauthenticated), 401, false},
	} {
		b := &bounded{}
		m, err := httpauth.NewMux(httpauth.Config{
			Authenticator: tokens{reader: {Account: "gone", Subject: "r", Scopes: []auth.Scope{auth.SCIMRead}}},
			Logger:        slog.New(slog.NewTextHandler(&b.logs, nil)),
			Allowance:     func(context.Context, string) (limit.Account, error) { return limit.Account{}, row.err },
		}, surface)
		require.NoError(t, err)
		b.Mux = m
		w := b.send("GET", "/required", reader, here)
		require.Equal(t, row.status, w.Code)
		require.NotContains(t, w.Body.String(), "disk")
		require.Equal(t, row.logged, strings.Contains(b.logs.String(), "disk"))
	}
}
