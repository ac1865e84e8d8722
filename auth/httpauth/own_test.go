package httpauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/limit"
)

// own is a route that takes the whole Authorization header for a credential, and
// counts those that it looks at.
func own(looked *int) httpauth.Surface {
	verdicts := map[string]error{
		"":       fmt.Errorf("look up: %w", auth.ErrUnauthenticated),
		"broken": errors.New("the disk is gone"),
		"late":   context.DeadlineExceeded,
		"right":  nil,
	}
	handle := func(w http.ResponseWriter, r *http.Request) {
		sent := r.Header.Get("Authorization")
		err := httpauth.Attempt(r.Context(), auth.Secret(sent), func() error {
			*looked++
			if err, known := verdicts[sent]; known {
				return err
			}
			return verdicts[""]
		})
		switch {
		case errors.Is(err, auth.ErrUnauthenticated):
			w.WriteHeader(http.StatusUnauthorized)
		case err != nil:
			httpauth.Fault(w, r, err)
		}
	}
	return httpauth.Surface{Root: "/own", Fail: plainly("own"), Routes: []httpauth.Route{
		{Method: "GET", Pattern: "/own", Own: true, Name: "own", Handler: http.HandlerFunc(handle)},
	}}
}

// TestOwnRouteLooksAtTheHeaderItself: whatever is in it, it comes to the handler,
// and what the handler finds is answered as it says.
func TestOwnRouteLooksAtTheHeaderItself(t *testing.T) {
	for header, status := range map[string]int{
		"": 401, "right": 200, "a b c": 401, "Digest x": 401, "Bearer " + reader: 401, "Bearer a,b": 401, "broken": 500, "late": 503,
	} {
		t.Run(header, func(t *testing.T) {
			looked := 0
			w := ask(muxOf(io.Discard, "", surface, own(&looked)), "/own", "", "Authorization: "+header)
			require.Equal(t, status, w.Code, w.Body)
			require.Equal(t, 1, looked)
		})
	}
}

// TestAttemptsAreLimited: by address, with those at other routes, and not those
// of a credential that was good; what comes from nobody is counted here too.
func TestAttemptsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looked := 0
		b := newBounded(t, limit.Config{Failed: limit.Rate{PerSecond: 1, Burst: 3}, Anonymous: limit.Rate{PerSecond: 1, Burst: 10}}, limit.Account{}, own(&looked))
		try := func(header string) int { return b.sendHeader("GET", "/own", header, here).Code }
		require.Equal(t, []int{200, 401, 500, 401}, []int{try("right"), try("wrong"), try("broken"), try("other")})
		require.Equal(t, 401, b.send("GET", "/required", "wrong", here).Code)

		looked = 0
		w := b.sendHeader("GET", "/own", "wrong", here)
		require.Equal(t, 429, w.Code)
		require.Equal(t, "1", w.Header().Get("Retry-After"))
		require.Equal(t, "own: too many credentials were not valid; wait as long as Retry-After says", w.Body.String())
		require.Empty(t, w.Header().Get("WWW-Authenticate"))
		require.Zero(t, looked)
		require.Equal(t, 429, b.send("GET", "/required", writer, here).Code, "wrong ones count everywhere")
		require.Equal(t, 200, try("right"))
		require.Equal(t, 401, b.sendHeader("GET", "/own", "wrong", there).Code)

		time.Sleep(time.Second) // of the fake clock
		require.Equal(t, 401, try("wrong"))
		for range 4 {
			try("right")
		}
		require.Equal(t, 429, try("right"), "too many from nobody")
	})
}

// TestCount: whom the handler of an own route finds has no more requests for that.
func TestCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		two, three := limit.Rate{PerSecond: 1, Burst: 2}, limit.Rate{PerSecond: 1, Burst: 3}
		let := 0
		b := newBounded(t, limit.Config{}, limit.Account{Token: two, All: three}, httpauth.Surface{Root: "/own", Fail: plainly("own"), Routes: []httpauth.Route{
			{Method: "GET", Pattern: "/own/{account}/{subject}", Own: true, Name: "own", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				p := &auth.Principal{Account: httpauth.Param(r, "account"), Subject: httpauth.Param(r, "subject")}
				if err := httpauth.Count(r.Context(), p); err != nil {
					httpauth.Fault(w, r, err)
					return
				}
				let++
			})},
		}})
		own := func(who string) *httptest.ResponseRecorder { return b.send("GET", "/own/"+who, "", here) }
		require.Equal(t, "1", own("a/r").Header().Get("X-Rate-Limit-Remaining"))
		require.Contains(t, b.logs.String(), "operation=own status=200")
		require.Contains(t, b.logs.String(), "account=a principal=r")
		require.Equal(t, 200, b.send("GET", "/required", reader, there).Code)
		w := own("a/r")
		require.Equal(t, 429, w.Code)
		require.Equal(t, "1", w.Header().Get("Retry-After"))
		require.Equal(t, "own: too many requests come from this token or its account; wait as long as Retry-After says", w.Body.String())
		require.Equal(t, 429, b.send("GET", "/required", reader, there).Code)
		require.Equal(t, []int{200, 429}, []int{own("a/w").Code, own("a/x").Code}, "the account")
		require.Equal(t, 503, own("b/r").Code, "its limits are not known")
		require.Equal(t, 2, let)
		time.Sleep(time.Second) // of the fake clock
		require.Equal(t, 200, own("a/r").Code)
	})
}

// TestAttemptsTakeNoPlaces: who waits while a credential is looked at keeps nobody
// out, and only who is let in is counted.
func TestAttemptsTakeNoPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handle := func(w http.ResponseWriter, r *http.Request) {
			check, work, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			wait := func(text string) { d, _ := time.ParseDuration(text); time.Sleep(d) }
			err := httpauth.Attempt(r.Context(), auth.Secret(check), func() error { wait(check); return nil })
			if err != nil {
				httpauth.Fault(w, r, err)
				return
			}
			wait(work)
		}
		s := httpauth.Surface{Root: "/own", Fail: plainly("own"), Routes: []httpauth.Route{
			{Method: "GET", Pattern: "/own", Own: true, Name: "own", Handler: http.HandlerFunc(handle)},
		}}
		b := newBounded(t, limit.Config{Places: 8}, limit.Account{}, s) // 2 for those of nobody
		var all sync.WaitGroup
		defer all.Wait()
		status := func(header string) int { return b.sendHeader("GET", "/own", header, here).Code }
		for range 5 {
			all.Go(func() { status("1m 0s") })
		}
		synctest.Wait()
		require.Equal(t, 200, status("0s 0s"))
		for range 2 {
			all.Go(func() { status("0s 1m") })
		}
		synctest.Wait()
		require.Equal(t, 429, status("0s 0s"))
	})
}

// TestOwnRouteIsOpen: a scope that nobody looks at is a mistake.
func TestOwnRouteIsOpen(t *testing.T) {
	s := own(new(int))
	s.Routes[0].Scope = auth.SCIMRead
	_, err := httpauth.NewMux(httpauth.Config{Authenticator: tokens{}}, s)
	require.ErrorContains(t, err, "cannot be its own")
}
