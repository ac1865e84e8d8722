package app

import (
	"context"
	"encoding/json"
	"fmt"

	"roster/auth/federation"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
)

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
