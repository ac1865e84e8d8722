package oauth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/jwt"
)

// The grants.
const (
	clientCredentials = "client_credentials"
	jwtBearer         = "urn:ietf:params:oauth:grant-type:jwt-bearer"
)

// caller is who asks for a token, and by what.
type caller struct {
	principal  *auth.Principal
	client     string    // id, as the token has it
	credential string    // by which current finds the principal again
	end        time.Time // of what it showed, if the token may not outlive that
}

// serveToken answers POST /oauth2/token.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	f, err := readForm(w, r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	c, err := s.caller(r, f)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	event := httpauth.EventFrom(r.Context())
	event.Account, event.Principal = c.principal.Account, c.principal.Subject
	if err := httpauth.Count(r.Context(), c.principal); err != nil {
		s.refuse(w, r, err)
		return
	}
	issued, err := s.issue(r.Context(), c, f)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, issued)
}

// caller finds out who asks, by the grant that is asked for.
func (s *Server) caller(r *http.Request, f form) (caller, error) {
	switch f["grant_type"] {
	case clientCredentials:
		return s.client(r, f)
	case jwtBearer:
		return s.bearer(r, f)
	case "":
		return caller{}, invalidRequest("grant_type is missing")
	}
	return caller{}, &failure{code: "unsupported_grant_type", description: "grant_type must be " + clientCredentials + " or " + jwtBearer}
}

// bearer finds out who sends an assertion as a grant (RFC 7523 section 2.1): a
// client by its key, or whom an issuer vouches for that an account trusts.
func (s *Server) bearer(r *http.Request, f form) (c caller, err error) {
	if len(r.Header.Values("Authorization")) > 0 || f["client_secret"] != "" || f["client_assertion"] != "" {
		return c, invalidRequest("the assertion says who the client is: send nothing else that does")
	}
	if f["assertion"] == "" {
		return c, invalidRequest("assertion is missing")
	}
	ctx, assertion := r.Context(), auth.Secret(f["assertion"])
	err = httpauth.Attempt(ctx, assertion, func() error {
		t, err := jwt.Parse(assertion)
		switch {
		case err != nil:
			return unverified(invalidGrant, err)
		case t.Issuer == s.config.Issuer:
			return unverified(invalidGrant, errors.New("no token of this server is changed for another one"))
		case isOwn(t):
			c, err = s.own(ctx, f["client_id"], t, invalidGrant)
		default:
			c, err = s.vouched(ctx, assertion)
		}
		return checked(invalidGrant, err)
	})
	return c, err
}

// vouched finds out who calls with a token of an issuer that an account trusts. That
// cannot be revoked, so what it is changed for lives no longer.
func (s *Server) vouched(ctx context.Context, assertion auth.Secret) (caller, error) {
	admission, err := s.config.Trusted.Admit(ctx, assertion)
	if err != nil {
		return caller{}, err
	}
	p := admission.Principal
	return caller{principal: p, client: p.Subject, credential: trusted + ":" + admission.Handle, end: admission.End}, nil
}
