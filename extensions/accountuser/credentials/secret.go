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

// ClientSecret is what a machine authenticates with. It is shown once.
type ClientSecret struct {
	ClientID string // the id of the user
	Secret   auth.Secret
	Expires  time.Time // zero if it does not
}

// bearer is what is kept of a client secret or a personal access token.
type bearer struct {
	ID      string
	Hash    []byte
	Name    string       `json:",omitempty"`
	Scopes  []auth.Scope `json:",omitempty"` // of a token
	Created time.Time
	Expires time.Time `json:",omitzero"`
}

// CreateSecret gives a machine a client secret, instead of the one that it has. It
// fails with wrong_type, and with 400 invalidValue if it would have expired.
func (c *Credentials) CreateSecret(ctx context.Context, call provider.Call, id string, expires time.Time, pre provider.Precondition) (made ClientSecret, _ model.View, err error) {
	v, err := c.Users.Edit(ctx, call, id, actionSecretCreated, pre, func(_ context.Context, d *model.Draft) error {
		if err := d.MustBe(model.Machine); err != nil {
			return err
		}
		if err := checkExpiry(expires, d.Now); err != nil {
			return err
		}
		dropSecret(d)
		m := credential{id: storage.NewID(), kind: typeSecret, created: d.Now, expires: expires}
		secret, err := factor.MachineToken{Form: factor.ClientSecret, Account: string(call.Account), User: id, Credential: m.id}.Mint()
		if err != nil {
			return err
		}
		hash := factor.Hash(secret)
		made = ClientSecret{ClientID: id, Secret: secret, Expires: expires}
		return addCredential(d, m, model.SideSecret, bearer{ID: m.id, Hash: hash[:], Created: m.created, Expires: expires})
	})
	return made, v, err
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
		dropCredential(d, m, model.SideSecret)
	}
	return len(secrets) > 0
}
