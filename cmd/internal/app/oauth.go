package app

import (
	"context"
	"time"

	"roster/auth"
	"roster/auth/audit"
	"roster/auth/oauth"
	"roster/auth/registry"
)

// signingKeys keeps the keys of access tokens in the registry.
type signingKeys struct{ registry *registry.Registry }

func (k signingKeys) SigningKeys(ctx context.Context) (keys []oauth.SigningKey, revision uint64, err error) {
	kept, revision, err := k.registry.SigningKeys(ctx)
	for _, key := range kept {
		keys = append(keys, oauth.SigningKey(key))
	}
	return keys, revision, err
}

func (k signingKeys) PutSigningKeys(ctx context.Context, keys []oauth.SigningKey, revision uint64) error {
	var kept []registry.SigningKey
	for _, key := range keys {
		kept = append(kept, registry.SigningKey(key))
	}
	return k.registry.PutSigningKeys(ctx, kept, revision)
}

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
