package app

import (
	"context"
	"encoding/json"
	"fmt"

	"roster/auth/federation"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
)

// trusts lists who trusts an issuer that is another one: whatever an account sets,
// a token of the server itself that opens nothing any more is not asked about again.
func (a *App) trusts(ctx context.Context, issuer, audience string) ([]federation.Trust, error) {
	if issuer == a.config.issuer() {
		return nil, nil
	}
	return a.registry.Trusts(ctx, issuer, audience)
}

// userWith returns the id of the only user that has a value as the attribute that a
// trust goes by, "" if there is not exactly one. An external id is one of the trust's
// provisioning domain.
func (a *App) userWith(ctx context.Context, t federation.Trust, value string) (string, error) {
	quoted, err := json.Marshal(value) // a filter's text is one of JSON (RFC 7644 section 3.4.2.2)
	if err != nil {
		return "", err
	}
	profile, limits, err := a.settings(ctx, t.Account)
	if err != nil {
		return "", err
	}
	call := provider.Call{Account: provider.Account(t.Account), Domain: t.Domain, Profile: profile, Limits: limits}
	found, total, err := a.host.Provider.Search(ctx, call, a.typeOf(model.User), provider.ListRequest{
		Filter: fmt.Sprintf("%s eq %s", t.User.Attribute, quoted), Count: 1, Attributes: []string{"id"},
	})
	if err != nil || total != 1 || len(found) != 1 {
		return "", err
	}
	return found[0].Get("id").Text(), nil
}
