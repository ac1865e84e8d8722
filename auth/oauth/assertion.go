package oauth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"strings"
	"time"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/jwt"
)

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	// longestAssertion is how far the end of a client's own assertion may be.
	longestAssertion = time.Hour
)

// withAssertion finds out which client sends an assertion as RFC 7523 section 2.2
// has it: its own, or that of the issuer that vouches for it.
func (s *Server) withAssertion(ctx context.Context, f form) (c caller, err error) {
	if f["client_assertion_type"] != assertionType {
		return c, invalidRequest("client_assertion_type must be " + assertionType)
	}
	assertion := auth.Secret(f["client_assertion"])
	err = httpauth.Attempt(ctx, assertion, func() error {
		t, err := jwt.Parse(assertion)
		switch {
		case err != nil:
			return unverified(invalidClient, err)
		case !isOwn(t):
			c, err = s.federated(ctx, f["client_id"], t)
		default:
			c, err = s.own(ctx, f["client_id"], t, invalidClient)
		}
		return checked(invalidClient, err)
	})
	return c, err
}

// isOwn reports whether a client says of itself who it is (RFC 7523 section 3).
func isOwn(t jwt.Token) bool { return t.Issuer != "" && t.Issuer == t.Subject }

// federated finds out which client an issuer vouches for. That issuer is asked for
// its keys only if the client expects such an assertion.
func (s *Server) federated(ctx context.Context, id string, t jwt.Token) (c caller, err error) {
	if id == "" {
		return c, invalidRequest("client_id is missing, which an assertion of another issuer needs")
	}
	c.client = id
	c.principal, c.credential, err = s.among(func(clients auth.Clients) (*auth.Principal, string, error) {
		return clients.Federated(ctx, id, t.Issuer, t.Subject, t.Audience)
	})
	switch {
	case errors.Is(err, auth.ErrUnauthenticated): // for the operator, who has mistyped one of them
		return c, fmt.Errorf("%w: no such client expects iss %.200q, sub %.200q and aud %.200q", err, t.Issuer, t.Subject, strings.Join(t.Audience, " "))
	case err != nil:
		return c, err
	}
	return c, s.config.Trusted.Verify(ctx, t)
}

// own finds out which client signed an assertion, that with the id if one is sent
// (RFC 7521 section 4.2). It tells what is wrong with an assertion only to who has
// the key.
func (s *Server) own(ctx context.Context, id string, t jwt.Token, code string) (c caller, err error) {
	if id != "" && id != t.Subject {
		return c, unverified(code, errors.New("client_id is not that of the assertion"))
	}
	var key crypto.PublicKey
	c.client = t.Subject
	c.principal, c.credential, err = s.among(func(clients auth.Clients) (p *auth.Principal, handle string, err error) {
		key, p, handle, err = clients.Key(ctx, t.Subject, t.KeyID)
		return p, handle, err
	})
	if err != nil {
		return c, err
	}
	if err := t.Verify(key); err != nil {
		return c, unverified(code, err)
	}
	return c, s.usable(t, code)
}

// usable checks what a verified assertion says (RFC 7523 section 3).
func (s *Server) usable(t jwt.Token, code string) error {
	now := s.config.Now()
	err := t.ValidAt(now, skew)
	_, end, _ := t.Window()
	latest := now.Add(longestAssertion + skew)
	switch {
	case err != nil:
		return unusable(code, "the assertion cannot be used: "+err.Error()+"; look at exp, nbf and iat, and at the clock")
	case !t.IsFor(s.config.Issuer, s.config.Issuer+tokenPath):
		return unusable(code, "aud of the assertion must be "+s.config.Issuer+tokenPath+" or "+s.config.Issuer)
	case end > float64(latest.Unix()):
		return unusable(code, "exp of the assertion must be at most an hour ahead")
	case !s.used.once(t, time.Unix(int64(end), 0).Add(skew)):
		return unusable(code, "the assertion was used already: sign one for each request, with a jti of its own")
	}
	return nil
}
