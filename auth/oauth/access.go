package oauth

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"roster/auth"
	"roster/auth/jwt"
)

// tokenType is what the header of an access token says it is (RFC 9068 section 2.1).
const tokenType = "at+jwt"

// longest is how long an access token lives at most.
const longest = 6 * time.Hour

// claims are those of an access token (RFC 9068 section 2.2), and some that only
// this server reads. Names of people are none of them: anybody can read a token.
type claims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Subject  string `json:"sub"`
	Client   string `json:"client_id"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
	Scope    string `json:"scope"`

	Account    string `json:"account"`
	User       string `json:"user,omitempty"`
	Domain     string `json:"domain,omitempty"`
	Credential string `json:"credential"`
}

func (s *Server) claims(c caller, scopes []auth.Scope, lifetime time.Duration) claims {
	now, p := s.config.Now(), c.principal
	return claims{
		Issuer: s.config.Issuer, Audience: s.config.Issuer, Subject: p.Subject, Client: c.client,
		Issued: now.Unix(), Expires: now.Add(lifetime).Unix(), ID: rand.Text(), Scope: join(scopes),
		Account: p.Account, User: p.User, Domain: p.Domain, Credential: c.credential,
	}
}

// Authenticate implements auth.Authenticator for access tokens: who calls is what
// the client is now, with those scopes of the token that it still has. What is no
// access token of this server is refused without a look at anything.
func (s *Server) Authenticate(ctx context.Context, credential auth.Secret) (*auth.Principal, error) {
	t, err := s.config.Verified.Parse(credential)
	if err != nil || t.Issuer != s.config.Issuer || t.Type != tokenType {
		return nil, auth.ErrUnauthenticated
	}
	switch reason, err := s.examine(ctx, t); {
	case err != nil:
		return nil, err
	case reason != "":
		s.config.Logger.DebugContext(ctx, "an access token was refused", "reason", reason)
		return nil, auth.ErrUnauthenticated
	}
	now, err := s.current(ctx, t.Text("credential"))
	switch {
	case errors.Is(err, auth.ErrUnauthenticated):
		s.config.Logger.DebugContext(ctx, "an access token was refused", "reason", err)
		return nil, auth.ErrUnauthenticated
	case err != nil:
		return nil, err
	}
	// What the token was issued for is what may still be done with it.
	if now.Account != t.Text("account") || now.Subject != t.Subject || now.User != t.Text("user") || now.Domain != t.Text("domain") {
		return nil, auth.ErrUnauthenticated
	}
	p := *now
	p.Method, p.Scopes = auth.ByOAuth, shared(scopesOf(t), now.Scopes)
	return &p, nil
}

// examine says why a token is not good, "" if it is.
func (s *Server) examine(ctx context.Context, t jwt.Token) (reason string, err error) {
	key, err := s.keys.public(ctx, t.KeyID)
	if err != nil || key == nil {
		return "its key is none of ours, or gone", err
	}
	if err := t.Verify(key); err != nil {
		return err.Error(), nil
	}
	now := s.config.Now()
	begin, end, err := t.Window()
	switch {
	case err != nil || float64(now.Unix()) >= end:
		return "it has expired", nil
	case float64(now.Add(skew).Unix()) < begin:
		return "it is not valid yet", nil
	case !t.IsFor(s.config.Issuer):
		return "it is for somebody else", nil
	}
	return "", nil
}

func scopesOf(t jwt.Token) (scopes []auth.Scope) {
	for name := range strings.FieldsSeq(t.Text("scope")) {
		scopes = append(scopes, auth.Scope(name))
	}
	return scopes
}
