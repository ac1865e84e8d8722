// Package oauth is the authorization server for machines: it exchanges the credential
// of a machine for a short-lived access token, by the client credentials grant (RFC
// 6749 section 4.4) with a secret or an assertion (RFC 7523 section 2.2), and by the
// JWT-bearer grant (RFC 7523 section 2.1); and it lets the tokens in.
//
// It promises: a token is what its client is at the time of each request, not when
// it was issued: once the secret or key is revoked, the user locked or the trust
// withdrawn, the token opens nothing; it has no scope that the client has lost.
// Who cannot show a valid credential is not told which part of it was wrong. A
// client's own assertion counts once. Only the public halves of keys leave it.
//
// Keys rotate by themselves: a new one is made when the newest is thirty days old,
// published for an hour before it signs, and the old one until its last token has
// expired. Several processes on one store share them. Keys are remembered for a
// minute, so that is how long another process may take those for good that an
// operator drops.
//
// Which assertions were used, each process remembers for itself, and for the last
// 100,000 of them: a restart forgets them. They expire within an hour.
package oauth

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/jwt"
	"roster/auth/oidc"
)

// Issuance is what becomes known of an access token.
type Issuance struct {
	ID       string // of the token
	Client   string // id, or the subject of a trusted issuer's token
	Grant    string // grant_type
	Scopes   []auth.Scope
	Lifetime time.Duration
}

// Config is what a Server needs.
type Config struct {
	// Issuer is the URL by which clients reach the server, without a slash at its
	// end. It is the issuer and the audience of access tokens. If it has a path, the
	// proxy that takes it away sends on what RFC 8414 section 3.1 makes of it, too.
	// Required.
	Issuer string
	// Clients by the name of their kind, which is written into tokens. Required.
	Clients map[string]auth.Clients
	// Keys keeps the keys. Required.
	Keys Keys
	// Trusted verifies assertions of other issuers. Required.
	Trusted *oidc.Authenticator
	// Verified remembers access tokens; others may use it too. Default: one of its own.
	Verified *jwt.Memory
	// Lifetime is how long tokens of an account live, six hours at most. It fails
	// with auth.ErrDisabled if the account may have none. Required.
	Lifetime func(ctx context.Context, account string) (time.Duration, error)
	// Issued takes note of a token, which is withheld if that fails. Default: nobody
	// does.
	Issued func(ctx context.Context, p *auth.Principal, i Issuance) error

	Now    func() time.Time // default time.Now
	Logger *slog.Logger     // default slog.Default()
}

// skew is how far the clocks of clients, issuers and processes may be apart.
const skew = time.Minute

// Paths below the issuer.
const (
	tokenPath    = "/oauth2/token"
	keysPath     = "/oauth2/jwks"
	metadataPath = "/.well-known/oauth-authorization-server"
)

// Server is made by New and may be used concurrently. It is an auth.Authenticator.
type Server struct {
	config Config
	kinds  []string // in the order in which they are asked
	keys   *keyring
	used   *used
}

// New returns a Server. It fails if the configuration cannot work.
func New(c Config) (*Server, error) {
	if u, err := url.Parse(c.Issuer); err != nil || u.Host == "" || strings.HasSuffix(c.Issuer, "/") {
		return nil, fmt.Errorf("the issuer %q is not the URL of a server without a slash at its end", c.Issuer)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Verified == nil {
		c.Verified = &jwt.Memory{}
	}
	if c.Issued == nil {
		c.Issued = func(context.Context, *auth.Principal, Issuance) error { return nil }
	}
	kinds := slices.Sorted(maps.Keys(c.Clients))
	for _, kind := range kinds {
		if kind == trusted || strings.Contains(kind, ":") {
			return nil, fmt.Errorf("clients cannot be of the kind %q", kind)
		}
	}
	return &Server{config: c, kinds: kinds, keys: &keyring{store: c.Keys, now: c.Now}, used: newUsed(maxUsed, c.Now)}, nil
}

// Surfaces are the token endpoint and the keys, and the metadata.
func (s *Server) Surfaces() []httpauth.Surface {
	const nothing = "there is nothing here; " + metadataPath + " says what is where"
	return []httpauth.Surface{
		{Root: "/oauth2", Fail: fail, NotFound: nothing, Routes: []httpauth.Route{
			{Method: http.MethodPost, Pattern: tokenPath, Scope: auth.Open, Own: true, Name: "oauth.token", Handler: http.HandlerFunc(s.serveToken)},
			{Method: http.MethodGet, Pattern: keysPath, Scope: auth.Open, Name: "oauth.keys", Handler: http.HandlerFunc(s.serveKeys)},
		}},
		{Root: "/.well-known", Fail: fail, NotFound: nothing, Routes: []httpauth.Route{
			{Method: http.MethodGet, Pattern: metadataPath, Scope: auth.Open, Name: "oauth.metadata", Handler: http.HandlerFunc(s.serveMetadata)},
		}},
	}
}

// Rotate makes a key that signs from now on. With drop, all others are gone at once
// and with them all tokens: for when one has become known. Other processes follow
// within a minute.
func (s *Server) Rotate(ctx context.Context, drop bool) error {
	if err := s.keys.rotate(ctx, drop); err != nil {
		return fmt.Errorf("rotate signing keys: %w", err)
	}
	return nil
}
