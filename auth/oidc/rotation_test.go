package oidc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/federation"
	"roster/auth/oidc"
)

// unavailable expects that it could not be found out whose the token is.
func (f *fixture) unavailable(token auth.Secret) {
	f.t.Helper()
	_, err := f.Authenticate(f.t.Context(), token)
	require.Error(f.t, err)
	require.False(f.t, errors.Is(err, auth.ErrUnauthenticated), "%v", err)
}

func TestRotation(t *testing.T) {
	f := newFixture(t)
	old := f.token()
	f.admits(old)

	second := authtest.NewKey(t, "second", "RS256")
	f.issuer.Publish(f.key, second)
	renewed := f.issuer.Token(second, f.claims())
	f.refuses(renewed)
	require.Equal(t, 1, f.fetches(), "the issuer was asked a moment ago")

	f.clock.Advance(10 * time.Second)
	f.admits(renewed)
	f.admits(old)
	require.Equal(t, 2, f.fetches())

	f.issuer.Publish(second)
	f.clock.Advance(15 * time.Minute)
	f.admits(renewed) // and begins to fetch
	require.Eventually(t, func() bool { return f.fetches() == 3 }, time.Minute, time.Millisecond)
	require.Eventually(t, func() bool { return f.isRefused(old) }, time.Minute, time.Millisecond, "its key was withdrawn")
	f.admits(renewed)
}

// TestAdmittedBefore: a token that was let in is worth what its key, its end and
// its account say the next time.
func TestAdmittedBefore(t *testing.T) {
	f := newFixture(t)
	old, short := f.token(), f.token("exp", noon.Unix()+60)
	f.admits(old)
	f.admits(short)
	f.clock.Advance(2*time.Minute - time.Second)
	f.admits(short)
	f.clock.Advance(time.Second)
	f.refuses(short)

	f.trusts[0].Algorithms = []string{"RS256"}
	f.refuses(old)
	f.trusts[0].Algorithms = []string{"ES256"}
	f.admits(old)

	f.issuer.Publish(authtest.NewKey(t, "first", "ES256"))
	f.clock.Advance(15 * time.Minute)
	f.admits(old) // and begins to fetch
	require.Eventually(t, func() bool { return f.isRefused(old) }, time.Minute, time.Millisecond, "another key has its id")
}

func (f *fixture) isRefused(token auth.Secret) bool {
	_, err := f.Authenticate(f.t.Context(), token)
	return errors.Is(err, auth.ErrUnauthenticated)
}

// TestUnknownKeys: nobody makes the server ask an issuer again and again.
func TestUnknownKeys(t *testing.T) {
	f := newFixture(t)
	f.admits(f.token())
	var all sync.WaitGroup
	for n := range 100 {
		unknown := f.issuer.Token(authtest.NewKey(t, fmt.Sprint("unknown", n), "ES256"), f.claims())
		all.Go(func() {
			if _, err := f.Authenticate(t.Context(), unknown); !errors.Is(err, auth.ErrUnauthenticated) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.Equal(t, 1, f.fetches())
}

// TestStampede: who comes first asks, for all.
func TestStampede(t *testing.T) {
	f := newFixture(t)
	good := f.token()
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if _, err := f.Authenticate(t.Context(), good); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.Equal(t, 1, f.fetches())
}

// TestRotationUnderLoad: keys come and go while requests run, as issuers do it: a
// key is published before it signs, and withdrawn after its tokens have expired.
func TestRotationUnderLoad(t *testing.T) {
	f := newFixture(t)
	var current struct {
		sync.RWMutex // held for reading while the token is in use
		token        auth.Secret
	}
	current.token = f.token()
	stop := make(chan struct{})
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				current.RLock()
				_, err := f.Authenticate(t.Context(), current.token)
				current.RUnlock()
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	before := f.key
	for n := range 20 {
		next := authtest.NewKey(t, fmt.Sprint("key", n), "ES256")
		f.issuer.Publish(before, next)
		f.clock.Advance(10 * time.Second)
		token := f.issuer.Token(next, f.claims())
		f.admits(token)
		current.Lock()
		current.token = token
		current.Unlock()
		before = next
	}
	close(stop)
	callers.Wait()
	require.LessOrEqual(t, f.fetches(), 21)
}

// TestOutage: what the issuer answers, or that it does not, changes nothing for who
// has a key that is known.
func TestOutage(t *testing.T) {
	text := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	answers := map[string]http.Handler{
		"500":               text(500, "text/plain", "broken"),
		"404":               text(404, "text/plain", "not here"),
		"nothing":           text(200, "application/json", ""),
		"no JSON":           text(200, "application/json", "<html>"),
		"a page":            text(200, "text/html", "<html>sign in</html>"),
		"null":              text(200, "application/json", "null"),
		"a list":            text(200, "application/json", "[]"),
		"empty":             text(200, "application/json", "{}"),
		"another issuer":    text(200, "application/json", `{"issuer":"https://other.example.com","jwks_uri":"https://other.example.com/keys"}`),
		"endless":           http.HandlerFunc(endless),
		"redirect":          http.RedirectHandler("https://other.example.com/", http.StatusFound),
		"broken off":        http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		"no keys":           keys(`{"keys":[]}`),
		"keys without form": keys(`{"keys":{"kty":"EC"}}`),
		"rubbish for keys":  keys(`{"keys":[null,7,"x",{},{"kty":"EC"},{"kty":"XX","kid":"first"}]}`),
		"a shared secret":   keys(`{"keys":[{"kty":"oct","kid":"first","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"}]}`),
		"keys of elsewhere": discovery("http://203.0.113.1/keys"),
		"keys in a file":    discovery("file:///etc/passwd"),
		"keys nowhere":      discovery(""),
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			good := f.token()
			f.issuer.Answer(forIssuer(f, answer))
			f.unavailable(good)
			f.unavailable(good)
			require.Equal(t, 1, f.fetches(), "it is asked again after a pause")

			f.issuer.Answer(nil)
			f.clock.Advance(10 * time.Second)
			f.admits(good)

			f.issuer.Answer(forIssuer(f, answer))
			f.clock.Advance(20 * time.Minute)
			f.admits(good)
			f.unavailable(f.issuer.Token(authtest.NewKey(t, "next", "ES256"), f.claims()))
			f.admits(good)

			f.clock.Advance(25 * time.Hour)
			f.unavailable(f.token())
			f.clock.Advance(10 * time.Second)
			f.issuer.Answer(nil)
			f.admits(f.token())
		})
	}
}

func endless(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	piece := make([]byte, 1<<16)
	for range piece {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

// keys answers as the issuer, but for its keys.
type keys string

func (k keys) ServeHTTP(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, string(k)) }

// discovery says that the keys are elsewhere.
type discovery string

func (d discovery) ServeHTTP(http.ResponseWriter, *http.Request) {}

// forIssuer completes an answer with what the issuer says of itself.
func forIssuer(f *fixture, answer http.Handler) http.Handler {
	at := f.issuer.URL() + authtest.KeysPath
	switch a := answer.(type) {
	case keys:
	case discovery:
		at = string(a)
	default:
		return answer
	}
	mux := http.NewServeMux()
	mux.HandleFunc(authtest.DiscoveryPath, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, f.issuer.URL(), at)
	})
	mux.Handle(authtest.KeysPath, answer)
	return mux
}

// hanging never answers.
type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestHangingIssuer: one caller waits for five seconds, the next ones not at all.
func TestHangingIssuer(t *testing.T) {
	key := authtest.NewKey(t, "first", "ES256")
	synctest.Test(t, func(t *testing.T) {
		trust := federation.Trust{Account: "acme", Issuer: federation.Issuer{
			URL: "https://login.example.com", Audience: audience, Algorithms: []string{"ES256"}}}
		a := oidc.New(oidc.Config{
			To:     func(string) http.RoundTripper { return hanging{} },
			Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
			Trusts: func(_ context.Context, _, _ string) ([]federation.Trust, error) {
				return []federation.Trust{trust}, nil
			},
		})
		token := key.Sign(t, map[string]any{"iss": trust.URL, "aud": audience, "sub": "1", "exp": time.Now().Unix() + 3600})
		begin := time.Now()
		_, err := a.Authenticate(t.Context(), token)
		require.ErrorContains(t, err, "deadline exceeded")
		require.Equal(t, 5*time.Second, time.Since(begin))
		_, err = a.Authenticate(t.Context(), token)
		require.Error(t, err)
		require.NotErrorIs(t, err, auth.ErrUnauthenticated)
		require.Equal(t, 5*time.Second, time.Since(begin))
	})
}
