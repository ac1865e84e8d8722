package credentials

import (
	"context"
	"time"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

const (
	actionSecretCreated = "user.secret.created"
	actionSecretRemoved = "user.secret.removed"
)

// ClientSecret is what a machine authenticates with at the token endpoint (RFC 6749
// section 2.3.1). It is shown once.
type ClientSecret struct {
	ClientID string // see factor.ClientID
	Secret   auth.Secret
	Expires  time.Time // zero if it does not
}

// NewSecret is what a client secret is made of.
type NewSecret struct {
	Expires time.Time // zero: never
	// Granter makes the secret. It opens what the roles of the machine allow, of which
	// there can be nothing that the granter may not. Required.
	Granter *auth.Principal
}

// bearer is what is kept of a client secret or a personal access token, beside what
// the user shows of it.
type bearer struct {
	Hash   []byte
	Scopes []auth.Scope `json:",omitempty"` // of a token
}

// CreateSecret gives a machine a client secret, instead of the one that it has. It
// fails with wrong_type, with 400 invalidValue if it would have expired, and with
// 403 insufficient_scope if the machine may do more than the granter.
func (c *Credentials) CreateSecret(ctx context.Context, call provider.Call, id string, n NewSecret, pre provider.Precondition) (made ClientSecret, _ model.View, err error) {
	v, err := c.Users.Edit(ctx, call, id, actionSecretCreated, pre, func(ctx context.Context, d *model.Draft) error {
		if err := c.checkClient(ctx, d, n.Granter, n.Expires); err != nil {
			return err
		}
		dropSecret(d)
		m := credential{id: storage.NewID(), kind: typeSecret, created: d.Now, expires: n.Expires}
		secret, err := factor.MachineToken{Form: factor.ClientSecret, Account: string(call.Account), User: id, Credential: m.id}.Mint()
		if err != nil {
			return err
		}
		hash := factor.Hash(secret)
		made = ClientSecret{ClientID: clientID(call.Account, id).String(), Secret: secret, Expires: n.Expires}
		return addCredential(d, m, bearer{Hash: hash[:]})
	})
	return made, v, err
}

// checkClient refuses to make of a user a client of the token endpoint that opens
// more than the granter may do.
func (c *Credentials) checkClient(ctx context.Context, d *model.Draft, granter *auth.Principal, expires time.Time) error {
	if err := d.MustBe(model.Machine); err != nil {
		return err
	}
	if err := checkExpiry(expires, d.Now); err != nil {
		return err
	}
	scopes, err := c.Scopes(ctx, d.Snapshot, d.Settings, d.Call, d.Document)
	if err != nil {
		return err
	}
	return mayGive(granter, scopes)
}

func clientID(account storage.Account, user string) factor.ClientID {
	return factor.ClientID{Account: string(account), User: user}
}

// RemoveSecret takes the client secret from a machine. It fails with a 404 if there
// is none, and with wrong_type.
func (c *Credentials) RemoveSecret(ctx context.Context, call provider.Call, id string, pre provider.Precondition) (model.View, error) {
	return c.Users.Edit(ctx, call, id, actionSecretRemoved, pre, func(_ context.Context, d *model.Draft) error {
		if err := d.MustBe(model.Machine); err != nil {
			return err
		}
		if !dropSecret(d) {
			return notThere(typeSecret)
		}
		return nil
	})
}

// dropSecret reports whether there was one.
func dropSecret(d *model.Draft) bool {
	secrets := credentialsOf(d.View, typeSecret)
	for _, m := range secrets {
		dropCredential(d, m)
	}
	return len(secrets) > 0
}
