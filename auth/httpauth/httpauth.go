// Package httpauth takes every request of clients: it finds the route, finds out
// who sends the request, refuses those who may not, and logs what became of it.
//
// It promises: a route is reached only by a principal that has its scope, and an
// open one by anybody, but not with a credential that is not valid, unless its
// handler is the one to look at it; every answer carries a correlation id, and
// headers that keep browsers and caches from taking it for more than it is; every
// request leaves one event in the log, but for floods of those that go nowhere; a
// credential appears in no log, no error and no answer; a panic is a 500, or
// breaks off an answer that has begun, so that no half of one looks whole; each
// refusal names the supported schemes (RFC 7644 section 2) and, where it helps,
// the reason (RFC 6750 section 3). What a client sends costs bounded work until
// its route has it, and leaves nothing behind.
//
// What is asked too often, and too much at once, is refused with 429 or 503 and
// Retry-After, and not all of that is logged; see package limit. An address is
// that of the connection, or what trusted proxies say.
//
// How long an answer may take to go is the http.Server's to say; the deadline here
// ends the work on it. A body that comes slowly is given up early, because it keeps
// the places that its account has for it. One from nobody has no places until it is
// there, and at most 64 KiB.
package httpauth

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"roster/auth"
	"roster/auth/limit"
)

// Config is what a Mux needs.
type Config struct {
	// Authenticator tells whose credential it is. Required.
	Authenticator auth.Authenticator
	// Realm is told to clients, "roster" by default.
	Realm string
	// Timeout is how long the server works on one request. Default 60 s.
	Timeout time.Duration
	// Limiter bounds what is asked. Default limit.Unlimited.
	Limiter *limit.Limiter
	// Allowance tells what an account may ask. It fails with auth.ErrUnauthenticated
	// for one that is not there any more. Default as much as it likes.
	Allowance func(ctx context.Context, account string) (limit.Account, error)
	// TrustedProxies are the addresses of proxies that are believed from where, and
	// how, clients reach the server. Default none: the headers that say so mean nothing.
	TrustedProxies []netip.Prefix
	// Origins are those of the web pages that may use the server from a browser,
	// such as "https://app.example.com". Default none.
	Origins []string
	// Named tells whether what a path names is the account with that id: its id or
	// its name. It fails with auth.ErrUnauthenticated for one that is not there any
	// more. Required if a surface has Accounts.
	Named func(ctx context.Context, account, named string) (bool, error)
	// Certificates tells whose certificate of a client it is, the first of those
	// that the client sent; verified says that one that the server trusts has
	// signed it. It fails as an Authenticator does. Default: certificates are not
	// looked at.
	Certificates func(ctx context.Context, sent []*x509.Certificate, verified bool) (*auth.Principal, error)
	// Refused is told of each request that is answered with 401, 403 or 429, with
	// the context that its handler has, or would have had, which may be over, and in
	// it the principal that was authenticated. It must not block.
	Refused func(ctx context.Context, r Refusal)
	// Logger takes the events; default slog.Default().
	Logger *slog.Logger
}

// Route is one operation.
type Route struct {
	Method string // HEAD goes with GET, and OPTIONS with everything
	// Pattern is the whole path in chi's syntax, such as "/scim/v2/Users/{id}",
	// without regular expressions; see [Param].
	Pattern string
	Scope   auth.Scope // that the principal needs; auth.Open if not even a principal
	// Own says that the handler of an open route finds out by itself who sends a
	// request, and says so in the [Event]: the Mux does not look at the
	// Authorization header. See [Attempt] and [Count].
	Own     bool
	Name    string // of the operation, for logs
	Handler http.Handler
}

// Surface is a set of routes that fail in the same form.
type Surface struct {
	Root   string // the path that all patterns begin with, such as "/scim/v2"
	Routes []Route
	// Accounts serves all routes below Root/accounts/{account} too, for principals
	// of that account. For what such a path names, see [auth.Origin].
	Accounts bool
	// Fail writes the answer to a request that reaches no handler, or whose
	// handler fails; headers that say more are set already, and so is the reason in
	// the [Event], with the scope that is missing. Detail says what to do and repeats
	// nothing that was sent. Required.
	Fail func(w http.ResponseWriter, r *http.Request, status int, detail string)
	// NotFound is the detail for a path below Root that no route has.
	NotFound string
}
