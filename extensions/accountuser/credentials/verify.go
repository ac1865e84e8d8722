package credentials

import (
	"context"
	"crypto/rsa"
	"time"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/scim/query"
	"roster/storage"
)

// Holder is whose a credential of a machine is.
type Holder struct {
	Account    storage.Account
	User       string // id
	UserName   string
	Credential string // id
	Name       string // of the credential, may be empty
	Form       factor.Form
	Scopes     []auth.Scope // of a personal access token
}

// Verify finds out whose a client secret or personal access token is. Nothing is
// remembered: it is refused from the moment on in which it is removed or expires,
// or the machine is not active any more. It fails with auth.ErrUnauthenticated.
func (c *Credentials) Verify(ctx context.Context, text auth.Secret) (Holder, error) {
	t, err := factor.ParseMachineToken(text)
	if err != nil {
		return Holder{}, auth.ErrUnauthenticated
	}
	side := model.SideSecret
	if t.Form == factor.AccessToken {
		side = model.SideToken + t.Credential
	}
	now := c.now()
	var kept bearer
	h, err := c.holder(ctx, storage.Account(t.Account), t.User, t.Credential, func(s storage.Snapshot) (_ bool, err error) {
		kept, _, err = model.LoadSide[bearer](ctx, s, t.User, side)
		return kept.ID == t.Credential && factor.Matches(text, kept.Hash) && lasts(kept.Expires, now), err
	})
	if err != nil {
		return Holder{}, err
	}
	h.Form, h.Name, h.Scopes = t.Form, kept.Name, kept.Scopes
	return h, nil
}

// VerificationKey returns the public key of a machine by which what it signs is
// verified, and whose it is. It fails with auth.ErrUnauthenticated, as Verify does.
func (c *Credentials) VerificationKey(ctx context.Context, account storage.Account, user, keyID string) (*rsa.PublicKey, Holder, error) {
	var kept publicKey
	h, err := c.holder(ctx, account, user, keyID, func(s storage.Snapshot) (found bool, err error) {
		kept, found, err = model.LoadSide[publicKey](ctx, s, user, model.SideKey+keyID)
		return found && lasts(kept.Expires, c.now()), err
	})
	if err != nil {
		return nil, Holder{}, err
	}
	key, err := factor.ParseKey(kept.Public)
	return key, h, err
}

// lasts reports whether what expires then is still good; the zero time is never.
func lasts(expires, now time.Time) bool { return expires.IsZero() || now.Before(expires) }

// holder reads the machine that a credential is of, if the credential is right and
// the machine is active, and notes that it is used now.
func (c *Credentials) holder(ctx context.Context, account storage.Account, user, credential string, right func(storage.Snapshot) (bool, error)) (h Holder, err error) {
	var use lastUse
	err = c.Users.Store.View(ctx, account, func(s storage.Snapshot) error {
		d, err := userDocument(ctx, s, user)
		if err != nil {
			return err
		}
		ok, err := right(s)
		if err != nil {
			return err
		}
		if d == nil || !ok {
			return auth.ErrUnauthenticated
		}
		v := model.Of(query.Resource(d))
		if !v.IsMachine() || v.Standing() != model.Active {
			return auth.ErrUnauthenticated
		}
		h = Holder{Account: account, User: user, UserName: v.Get("userName").Text(), Credential: credential}
		use, err = readUse(ctx, s, h, d.Revision)
		return err
	})
	if err != nil {
		return Holder{}, err
	}
	c.noteUse(use, c.now())
	return h, nil
}

// Authenticator lets machines in by their personal access tokens, and by nothing
// else: a client secret is for the token endpoint.
type Authenticator struct {
	Credentials *Credentials // required
}

// Authenticate implements auth.Authenticator.
func (a Authenticator) Authenticate(ctx context.Context, text auth.Secret) (*auth.Principal, error) {
	h, err := a.Credentials.Verify(ctx, text)
	switch {
	case err != nil:
		return nil, err
	case h.Form != factor.AccessToken:
		return nil, auth.ErrUnauthenticated
	}
	return h.principal(), nil
}

func (h Holder) principal() *auth.Principal {
	name := h.Name
	if name == "" {
		name = h.UserName
	}
	return &auth.Principal{Account: string(h.Account), Subject: h.Credential, Name: name, User: h.User, Scopes: h.Scopes}
}

// Admit refuses the principal of a user who is inactive, locked, removed or not
// there: a token that an operator made for a user is worth no more than the user,
// who could else end the own lock by it. It fails with auth.ErrUnauthenticated.
func (c *Credentials) Admit(ctx context.Context, p *auth.Principal) error {
	return c.Users.Store.View(ctx, storage.Account(p.Account), func(s storage.Snapshot) error {
		d, err := userDocument(ctx, s, p.User)
		if err != nil {
			return err
		}
		if d == nil {
			return auth.ErrUnauthenticated
		}
		if status := model.Of(query.Resource(d)).Standing(); status == model.Inactive || status == model.Locked {
			return auth.ErrUnauthenticated
		}
		return nil
	})
}
