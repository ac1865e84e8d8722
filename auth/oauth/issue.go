package oauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/jwt"
)

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
	httpauth.Vouch(ctx, auth.Secret(text))
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
