package httpauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/limit"
)

// gate is an authenticator that knows of disabled accounts.
type gate struct{ tokens }

func (g gate) Authenticate(ctx context.Context, s auth.Secret) (*auth.Principal, error) {
	switch s {
	case "closed":
		return nil, auth.ErrDisabled // it does not say who it is
	case "disabled":
		return &auth.Principal{Account: "b", Subject: "d"}, fmt.Errorf("account of the token: %w", auth.ErrDisabled)
	}
	return g.tokens.Authenticate(ctx, s)
}

// audited is a mux that keeps what it is told of refusals.
type audited struct {
	http.Handler
	refusals []httpauth.Refusal
	contexts []context.Context
}

func newAudited(t *testing.T, c limit.Config, handlers map[string]http.HandlerFunc) *audited {
	a := &audited{}
	s := httpauth.Surface{Root: "/v1", Accounts: true, Fail: plainly("failed"), NotFound: "nothing"}
	for name, h := range handlers {
		s.Routes = append(s.Routes, httpauth.Route{Method: "GET", Pattern: "/v1/" + name, Scope: auth.SCIMRead, Name: name, Handler: h})
	}
	counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if httpauth.Count(r.Context(), &auth.Principal{Account: "a", Subject: "c"}) == nil {
			w.WriteHeader(403)
		}
	})
	s.Routes = append(s.Routes,
		httpauth.Route{Method: "GET", Pattern: "/v1/own", Own: true, Name: "own", Handler: handlers["refuse"]},
		httpauth.Route{Method: "GET", Pattern: "/v1/counted", Own: true, Name: "counted", Handler: counted})
	m, err := httpauth.NewMux(httpauth.Config{
		Authenticator: gate{tokens{
			reader: {Account: "a", Subject: "r", Scopes: []auth.Scope{auth.SCIMRead}},
			"none": {Account: "a", Subject: "n"},
		}},
		Logger:  slog.New(slog.DiscardHandler),
		Limiter: limit.New(c),
		Named:   func(_ context.Context, account, named string) (bool, error) { return account == named, nil },
		Refused: func(ctx context.Context, r httpauth.Refusal) {
			a.refusals, a.contexts = append(a.refusals, r), append(a.contexts, ctx)
		},
	}, s)
	require.NoError(t, err)
	a.Handler = m
	return a
}

// TestRefused: each refusal is told once, with what is known, and nothing else is.
func TestRefused(t *testing.T) {
	handlers := map[string]http.HandlerFunc{
		"ok":     func(http.ResponseWriter, *http.Request) {},
		"refuse": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) },
		"reason": func(w http.ResponseWriter, r *http.Request) {
			httpauth.EventFrom(r.Context()).Reason = "last_administrator"
			w.WriteHeader(403)
		},
		"fail": func(w http.ResponseWriter, r *http.Request) { httpauth.Fault(w, r, errors.New("oh")) },
		"grant": func(w http.ResponseWriter, r *http.Request) {
			e := httpauth.EventFrom(r.Context())
			e.Reason, e.Refused = "invalid_grant", true
			w.WriteHeader(400)
		},
		"wrong": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(409) },
	}
	for _, row := range []struct {
		path, token string
		want        *httpauth.Refusal
		who         string // the principal in the context
	}{
		{"/v1/ok", reader, nil, ""},
		{"/v1/wrong", reader, nil, ""},
		{"/v1/fail", reader, nil, ""},
		{"/v1/nothing", reader, nil, ""},
		{"/v1/ok", "broken", nil, ""},
		{"/v1/ok", "a,b", nil, ""},
		{"/v1/ok", "", &httpauth.Refusal{Status: 401, Operation: "ok", Reason: "missing_credential"}, ""},
		{"/v1/ok", "wrong", &httpauth.Refusal{Status: 401, Operation: "ok", Reason: "invalid_credential"}, ""},
		{"/v1/ok", "disabled", &httpauth.Refusal{Status: 403, Operation: "ok", Account: "b", Reason: "account_disabled"}, "d"},
		{"/v1/ok", "none", &httpauth.Refusal{Status: 403, Operation: "ok", Account: "a", Scope: auth.SCIMRead, Reason: "insufficient_scope"}, "n"},
		{"/v1/accounts/b/ok", reader, &httpauth.Refusal{Status: 403, Operation: "ok", Account: "a", Reason: "other_account"}, "r"},
		{"/v1/refuse", reader, &httpauth.Refusal{Status: 403, Operation: "refuse", Account: "a", Reason: "operation"}, "r"},
		{"/v1/reason", reader, &httpauth.Refusal{Status: 403, Operation: "reason", Account: "a", Reason: "last_administrator"}, "r"},
		{"/v1/grant", reader, &httpauth.Refusal{Status: 400, Operation: "grant", Account: "a", Reason: "invalid_grant"}, "r"},
		{"/v1/counted", "", &httpauth.Refusal{Status: 403, Operation: "counted", Account: "a", Reason: "operation"}, "c"},
		{"/v1/own", reader, &httpauth.Refusal{Status: 403, Operation: "own", Reason: "operation"}, ""},
	} {
		t.Run(row.path+" "+row.token, func(t *testing.T) {
			a := newAudited(t, limit.Config{}, handlers)
			ask(a, row.path, row.token, "X-Correlation-Id: c-1")
			if row.want == nil {
				require.Empty(t, a.refusals)
				return
			}
			require.Equal(t, []httpauth.Refusal{*row.want}, a.refusals)
			ctx := a.contexts[0]
			require.Equal(t, "c-1", auth.CorrelationFrom(ctx))
			require.Equal(t, "192.0.2.1", auth.OriginFrom(ctx).Text())
			who := ""
			if p := auth.PrincipalFrom(ctx); p != nil {
				who = p.Subject
			}
			require.Equal(t, row.who, who)
		})
	}
}

// TestSurfacesKnowTheReason: what they fail with can name the scope.
func TestSurfacesKnowTheReason(t *testing.T) {
	fail := func(w http.ResponseWriter, r *http.Request, status int, _ string) {
		w.WriteHeader(status)
		e := httpauth.EventFrom(r.Context())
		fmt.Fprintf(w, "%s %s", e.Reason, e.Scope)
	}
	m := muxOf(io.Discard, "", httpauth.Surface{Fail: fail, Routes: surface.Routes})
	require.Equal(t, "insufficient_scope scim:write", ask(m, "/write", reader).Body.String())
	require.Equal(t, "invalid_credential ", ask(m, "/write", "wrong").Body.String())
}

// TestTooManyAreRefused, and told as such.
func TestTooManyAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		once := limit.Rate{PerSecond: 1, Burst: 1}
		a := newAudited(t, limit.Config{Anonymous: once, Failed: once}, nil)
		for _, row := range []struct{ path, token, reason string }{
			{"/v1/nothing", "", ""},
			{"/v1/nothing", "", "none too_many_requests"},
			{"/v1/own", "", "own too_many_requests"},
		} {
			a.refusals = nil
			ask(a, row.path, row.token)
			told := ""
			for _, r := range a.refusals {
				require.Equal(t, 429, r.Status)
				told = r.Operation + " " + r.Reason
			}
			require.Equal(t, row.reason, told)
		}
	})
}

// TestDisabled: what of a disabled account comes is refused with a way out, and
// counted as that of nobody.
func TestDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAudited(t, limit.Config{Anonymous: limit.Rate{PerSecond: 1, Burst: 2}, Failed: limit.Rate{PerSecond: 1, Burst: 1}},
			map[string]http.HandlerFunc{"ok": func(http.ResponseWriter, *http.Request) {}})
		for _, status := range []int{403, 403, 429} {
			w := ask(a, "/v1/ok", "closed")
			require.Equal(t, status, w.Code)
			if status == 403 {
				require.Equal(t, "failed: the account is disabled; ask whoever runs this server", w.Body.String())
				require.Empty(t, w.Header().Get("WWW-Authenticate"))
			}
		}
		require.Equal(t, 401, ask(a, "/v1/ok", "wrong").Code, "it is no wrong credential")
	})
}
