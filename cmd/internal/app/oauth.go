package app

import (
	"context"
	"time"

	"roster/auth"
	"roster/auth/audit"
	"roster/auth/oauth"
)

// accessTokenLifetime is how long the access tokens of an account live. One that is
// disabled gets none.
func (a *App) accessTokenLifetime(ctx context.Context, id string) (time.Duration, error) {
	account, err := a.open(ctx, id)
	return time.Duration(account.Tokens.AccessTokenLifetime), err
}

// issued takes an access token into the audit.
func (a *App) issued(ctx context.Context, p *auth.Principal, i oauth.Issuance) error {
	return a.recorder.Record(ctx, audit.Event(auth.WithPrincipal(ctx, p), "accesstoken.issued", p.Account, map[string]any{
		"id": i.ID, "client": i.Client, "grant": i.Grant, "scopes": i.Scopes, "seconds": int(i.Lifetime.Seconds()),
	}))
}
