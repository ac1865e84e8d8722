// Package httpauth finds out who sends a request and refuses those who may not.
//
// It promises: a handler behind [Guard.Required] has a principal in its
// context, one behind [Guard.Require] has a principal with that scope; a
// credential appears in no log, no error and no answer; whatever a client
// sends as its credential costs bounded work; each refusal names the supported
// schemes (RFC 7644 section 2) and, where it helps, the reason (RFC 6750
// section 3).
//
// Failed attempts are not counted here: put a rate limit before it.
package httpauth

import (
	"errors"
	"log/slog"
	"net/http"

	"roster/auth"
)

// Config is what a Guard needs.
type Config struct {
	// Authenticator tells whose credential it is. Required.
	Authenticator auth.Authenticator
	// Fail writes the answer to a refused request; its header is set already.
	// Detail says what to do and repeats nothing that was sent. Required.
	Fail func(w http.ResponseWriter, r *http.Request, status int, detail string)
	// Realm is told to clients, "roster" by default.
	Realm string
	// Logger takes the reason when the authenticator does not work; default
	// slog.Default().
	Logger *slog.Logger
}

// Guard makes middleware. It may be used concurrently.
type Guard struct{ config Config }

// New returns a Guard.
func New(c Config) *Guard {
	if c.Realm == "" {
		c.Realm = "roster"
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Guard{c}
}

// Required lets only authenticated requests pass, with their principal in the
// context.
func (g *Guard) Required(next http.Handler) http.Handler {
	return g.Optional(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if auth.PrincipalFrom(r.Context()) == nil {
			g.refuse(w, r, missing())
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// Optional lets requests without a credential pass without a principal. A
// credential that is sent must be valid, and of a supported scheme.
func (g *Guard) Optional(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		credential, refused := credentialOf(r)
		if refused != nil {
			g.refuse(w, r, refused)
			return
		}
		if credential == "" {
			next.ServeHTTP(w, r)
			return
		}
		principal, err := g.config.Authenticator.Authenticate(r.Context(), credential)
		if err != nil {
			g.refuse(w, r, g.judge(r, err))
			return
		}
		next.ServeHTTP(w, r.WithContext(auth.WithPrincipal(r.Context(), principal)))
	})
}

// Require returns middleware, to be used behind Required or Optional, that lets
// only principals with that scope pass, and everybody if it is auth.Open.
func (g *Guard) Require(scope auth.Scope) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if g.Allow(w, r, scope) {
				next.ServeHTTP(w, r)
			}
		})
	}
}

// Allow is Require for one request. If it returns false, the request was
// answered.
func (g *Guard) Allow(w http.ResponseWriter, r *http.Request, scope auth.Scope) bool {
	principal := auth.PrincipalFrom(r.Context())
	switch {
	case scope == auth.Open:
		return true
	case principal == nil:
		g.refuse(w, r, missing())
	case principal.Has(scope):
		return true
	default:
		g.refuse(w, r, insufficient(scope))
	}
	return false
}

func (g *Guard) judge(r *http.Request, err error) *refusal {
	if errors.Is(err, auth.ErrUnauthenticated) {
		return invalid()
	}
	level := slog.LevelError
	if r.Context().Err() != nil { // the client went away
		level = slog.LevelDebug
	}
	g.config.Logger.Log(r.Context(), level, "authentication does not work", "error", err)
	return unavailable()
}
