package app

import (
	"context"

	"roster/auth/oauth"
	"roster/cmd/internal/admin"
	"roster/extensions/platform"
)

// listKeys lists the keys of access tokens for the admin API.
func (a *App) listKeys(ctx context.Context) (list []platform.SigningKey, err error) {
	found, err := a.oauth.ListKeys(ctx)
	for _, k := range found {
		list = append(list, platform.SigningKey{ID: k.ID, CreatedAt: k.Created, State: string(k.State)})
	}
	return list, err
}

// keys lets commands see and rotate the keys of access tokens.
type keys struct{ *oauth.Server }

func (k keys) ListKeys(ctx context.Context) (list []admin.Key, err error) {
	found, err := k.Server.ListKeys(ctx)
	for _, key := range found {
		list = append(list, admin.Key{ID: key.ID, Created: key.Created, State: string(key.State)})
	}
	return list, err
}

func (k keys) RotateKey(ctx context.Context, drop bool) error { return k.Rotate(ctx, drop) }
