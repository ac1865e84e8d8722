package app

import (
	"context"

	"roster/auth"
	"roster/extensions"
	"roster/extensions/accountuser"
	"roster/extensions/accountuser/model"
	"roster/extensions/platform"
	"roster/scim/schema"
	"roster/storage"
)

// shipped are the definitions of every extension, and indexes their indexes: what
// must be known before the store is open.
func (c Config) shipped() []schema.Source {
	return append(model.Definitions(), parts(c.Extensions).definitions()...)
}

func (c Config) indexes() []storage.Index {
	return append(model.Indexes(), parts(c.Extensions).indexes()...)
}

// extend makes the extensions, which use the store.
func (a *App) extend(ctx context.Context) error {
	key, err := a.registry.Key(ctx, "credentials")
	if err != nil {
		return err
	}
	a.platform = platform.New(platform.Config{
		Registry:          a.registry,
		Store:             a.store,
		Founded:           a.found,
		Protocol:          a.settings,
		SigningKeys:       a.listKeys,
		RotateSigningKeys: func(ctx context.Context, drop bool) error { return a.oauth.Rotate(ctx, drop) },
	})
	account, err := accountuser.New(accountuser.Config{
		Routes:        a.platform.AccountRoutes(),
		Codes:         platform.Codes(),
		Store:         a.store,
		Settings:      a.accountSettings,
		Protocol:      a.settings,
		Accounts:      a.accounts,
		Describe:      a.describe,
		Webhooks:      a.webhooks,
		WebhookSecret: a.webhookSecret,
		Messages:      a.config.Messages,
		Network:       a.network,
		Passkeys:      a.config.passkeys(),
		Hasher:        a.hasher,
		Key:           auth.Secret(key),
		Logger:        a.config.Logger,
	})
	a.parts = append([]extensions.Extension{account}, a.config.Extensions...)
	return err
}
