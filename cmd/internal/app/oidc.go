package app

import (
	"context"
	"encoding/json"
	"fmt"

	"roster/extensions/accountuser/model"
	"roster/scim/provider"
)

// userWith returns the id of the only user of an account that has a value as
// attribute, "" if there is not exactly one.
func (a *App) userWith(ctx context.Context, account, attribute, value string) (string, error) {
	quoted, err := json.Marshal(value) // a filter's text is one of JSON (RFC 7644 section 3.4.2.2)
	if err != nil {
		return "", err
	}
	profile, limits, err := a.settings(ctx, account)
	if err != nil {
		return "", err
	}
	call := provider.Call{Account: provider.Account(account), Profile: profile, Limits: limits}
	found, total, err := a.host.Provider.Search(ctx, call, a.typeOf(model.User), provider.ListRequest{
		Filter: fmt.Sprintf("%s eq %s", attribute, quoted), Count: 1, Attributes: []string{"id"},
	})
	if err != nil || total != 1 || len(found) != 1 {
		return "", err
	}
	return found[0].Get("id").Text(), nil
}
