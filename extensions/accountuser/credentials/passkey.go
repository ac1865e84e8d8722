package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// askedKeys is what is kept of the question to security keys that was asked last.
type askedKeys struct {
	Transaction string // the only one that it is for
	Session     []byte
}

// PasskeyLogin is what a browser asks a passkey for.
type PasskeyLogin struct {
	Transaction auth.Secret     // for AnswerFactor
	Options     json.RawMessage // PublicKeyCredentialRequestOptions
}

// BeginPasskeyLogin starts a login by a passkey, without a password, which
// AnswerFactor ends. Nothing is written, and nothing tells whether there is a user
// with that login name.
func (c *Credentials) BeginPasskeyLogin(ctx context.Context, call provider.Call, loginName string) (PasskeyLogin, error) {
	settings, err := c.Users.Config.Settings(ctx, call.Account)
	if err != nil {
		return PasskeyLogin{}, err
	}
	id, _, err := c.identify(ctx, call, loginName)
	if err != nil {
		return PasskeyLogin{}, err
	}
	if id == "" {
		id = storage.NewID()
	}
	rp, err := c.relyingParty(settings)
	if err != nil {
		return PasskeyLogin{}, err
	}
	ceremony, err := rp.BeginPasskeyLogin(c.now())
	if err != nil {
		return PasskeyLogin{}, err
	}
	t := c.newTransaction(id)
	t.Session = ceremony.Session
	sealed, err := c.seal(call, t)
	return PasskeyLogin{Transaction: sealed, Options: ceremony.Options}, err
}

// askKeys puts along the question to security keys.
func (c *Credentials) askKeys(u *candidate, t transaction, keys []enrolled, along *provider.Along) (Challenge, error) {
	rp, err := c.relyingParty(u.settings)
	if err != nil {
		return Challenge{}, err
	}
	ceremony, err := rp.BeginSecondFactor(person(u.View, keys), c.now())
	if err != nil {
		return Challenge{}, err
	}
	along.Sides = append(along.Sides, model.KeepSide(u.id, sentPrefix+string(U2F), askedKeys{Transaction: t.ID, Session: ceremony.Session}))
	return Challenge{Options: ceremony.Options}, nil
}

// checkCredential is checkTOTP for the answer of an authenticator: of a passkey
// alone, or of a security key behind the password.
func (c *Credentials) checkCredential(ctx context.Context, s storage.Snapshot, u *candidate, t transaction, response []byte) ([]storage.Side, bool, error) {
	kind, session := Passkey, t.Session
	var sides []storage.Side
	if t.byPassword() {
		asked, found, err := model.LoadSide[askedKeys](ctx, s, u.id, sentPrefix+string(U2F))
		if err != nil || !found || asked.Transaction != t.ID {
			return nil, false, err
		}
		kind, session = U2F, asked.Session
		sides = append(sides, model.DropSide(u.id, sentPrefix+string(U2F)))
	}
	keys, err := authenticators(ctx, s, u.View, kind)
	if err != nil {
		return nil, false, err
	}
	rp, err := c.relyingParty(u.settings)
	if err != nil {
		return nil, false, err
	}
	answered, err := rp.FinishLogin(person(u.View, keys), session, response, c.now())
	if err != nil {
		return nil, false, notWrong(err)
	}
	for _, key := range keys {
		if bytes.Equal(key.ID, answered.ID) {
			sides = append(sides, keepAuthenticator(u.id, key.id, answered))
		}
	}
	return sides, true, nil
}

// notWrong returns an error that is not about the answer. One that is too late, or
// of an authenticator of which there may be two, is wrong.
func notWrong(err error) error {
	for _, wrong := range []error{factor.ErrCeremony, factor.ErrExpired, factor.ErrCloned} {
		if errors.Is(err, wrong) {
			return nil
		}
	}
	return err
}
