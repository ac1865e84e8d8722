package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
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
			c, err = s.own(ctx, t, invalidGrant)
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

// issued is the answer of RFC 6749 section 5.1.
type issued struct {
	Token   string `json:"access_token"`
	Type    string `json:"token_type"`
	Seconds int64  `json:"expires_in"`
	Scope   string `json:"scope"`
}

func (s *Server) issue(ctx context.Context, c caller, f form) (issued, error) {
	scopes, err := granted(c.principal.Scopes, f["scope"])
	if err != nil {
		return issued{}, err
	}
	lifetime, err := s.lifetime(ctx, c)
	if err != nil {
		return issued{}, err
	}
	claims := s.claims(c, scopes, lifetime)
	text, err := s.keys.sign(ctx, claims)
	switch {
	case err != nil:
		return issued{}, fmt.Errorf("sign access token: %w", err)
	case len(text) > jwt.MaxSize:
		return issued{}, unusable(invalidGrant, "the assertion has too much in the claims that the account looks at")
	}
	err = s.config.Issued(ctx, c.principal, Issuance{ID: claims.ID, Client: c.client, Grant: f["grant_type"], Scopes: scopes, Lifetime: lifetime})
	if err != nil {
		return issued{}, fmt.Errorf("take note of access token: %w", err)
	}
	return issued{Token: text, Type: "Bearer", Seconds: int64(lifetime.Seconds()), Scope: join(scopes)}, nil
}

// lifetime is how long a token lives, in whole seconds.
func (s *Server) lifetime(ctx context.Context, c caller) (time.Duration, error) {
	most, err := s.config.Lifetime(ctx, c.principal.Account)
	if errors.Is(err, auth.ErrDisabled) {
		return 0, checked("", err)
	}
	if err != nil {
		return 0, fmt.Errorf("look up lifetime of access tokens: %w", err)
	}
	most = min(most, longest)
	if !c.end.IsZero() {
		most = min(most, c.end.Sub(s.config.Now()))
	}
	if most < time.Second {
		return 0, unusable(invalidGrant, "the assertion expires now")
	}
	return most.Truncate(time.Second), nil
}

// granted are the scopes of a token for a client that has some: those that are
// asked for, or all (RFC 6749 section 3.3). It fails with an invalid_scope.
func granted(has []auth.Scope, asked string) ([]auth.Scope, error) {
	var all []auth.Scope
	for name := range strings.FieldsSeq(asked) {
		all = append(all, auth.Scope(name))
	}
	if len(all) == 0 {
		all = slices.Clone(has)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) == 0 {
		return nil, &failure{code: "invalid_scope", description: "the client has no scope: give it some, or its user a role that does"}
	}
	if len(shared(all, has)) < len(halves(all)) {
		return nil, &failure{code: "invalid_scope", description: "the client has not all of these scopes; it has: " + join(has)}
	}
	return all, nil
}

// shared are the scopes that both have, with auth.SCIM as both its halves.
func shared(a, b []auth.Scope) []auth.Scope {
	theirs := halves(b)
	return slices.DeleteFunc(halves(a), func(s auth.Scope) bool { return !slices.Contains(theirs, s) })
}

func halves(scopes []auth.Scope) []auth.Scope {
	var all []auth.Scope
	for _, s := range scopes {
		if s == auth.SCIM {
			all = append(all, auth.SCIMRead, auth.SCIMWrite)
		} else {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func join(scopes []auth.Scope) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return strings.Join(names, " ")
}
