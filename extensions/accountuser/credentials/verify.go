package credentials

import (
	"context"
	"slices"
	"time"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/scim/query"
	"roster/storage"
)

// held is a credential of a machine that is good, and whose it is.
type held struct {
	account  storage.Account
	user     *storage.Document
	view     model.View // of the user
	kind, id string     // of the credential
	name     string     // of the credential, may be empty
	used     time.Time  // when it was noted last that it was used
}

// hold finds a credential of a machine, the only one of its kind if id is "". It is
// refused from the moment on in which it is removed or expires, or the machine is
// not active any more: nothing is remembered. right reads what is kept of it, and
// reports whether that is as it should be. It fails with auth.ErrUnauthenticated.
func (c *Credentials) hold(ctx context.Context, client factor.ClientID, kind, id string, right func(s storage.Snapshot, id string) (bool, error)) (h held, err error) {
	h = held{account: storage.Account(client.Account), kind: kind}
	err = c.Users.Store.View(ctx, h.account, func(s storage.Snapshot) (err error) {
		if h.user, err = userDocument(ctx, s, client.User); err != nil {
			return err
		}
		if h.user == nil {
			return auth.ErrUnauthenticated
		}
		h.view = model.Of(query.Resource(h.user))
		good := c.lasting(h.view, kind, id)
		if len(good) != 1 || !h.view.IsMachine() || h.view.Standing() != model.Active {
			return auth.ErrUnauthenticated
		}
		h.id, h.name = good[0].id, good[0].display
		if ok, err := right(s, h.id); !ok || err != nil {
			return refusal(err)
		}
		h.used, _, err = model.LoadSide[time.Time](ctx, s, client.User, usedPrefix+h.id)
		return err
	})
	return h, err
}

// refusal is err, or that nobody is let in.
func refusal(err error) error {
	if err == nil {
		return auth.ErrUnauthenticated
	}
	return err
}

// lasting lists the credentials of a kind that have not expired: the one with that
// id, or all if it is "".
func (c *Credentials) lasting(v model.View, kind, id string) []credential {
	now := c.now()
	return slices.DeleteFunc(credentialsOf(v, kind), func(m credential) bool {
		return id != "" && m.id != id || !m.expires.IsZero() && !now.Before(m.expires)
	})
}

// verify finds out whose a client secret or personal access token is.
func (c *Credentials) verify(ctx context.Context, text auth.Secret, form factor.Form) (h held, kept bearer, err error) {
	t, err := factor.ParseMachineToken(text)
	if err != nil || t.Form != form {
		return held{}, bearer{}, auth.ErrUnauthenticated
	}
	client := factor.ClientID{Account: t.Account, User: t.User}
	h, err = c.hold(ctx, client, string(form), t.Credential, func(s storage.Snapshot, id string) (_ bool, err error) {
		kept, _, err = model.LoadSide[bearer](ctx, s, t.User, recordOf[string(form)]+id)
		return factor.Matches(text, kept.Hash), err
	})
	return h, kept, err
}

// principal is who calls with the credential.
func (h held) principal(method auth.Method, scopes []auth.Scope) *auth.Principal {
	name := h.name
	if name == "" {
		name = h.view.Get("userName").Text()
	}
	return &auth.Principal{Account: string(h.account), Subject: h.id, Name: name, User: h.user.ID, Scopes: scopes, Method: method}
}

// Authenticator lets machines in by their personal access tokens, and by nothing
// else: a client secret is for the token endpoint.
type Authenticator struct {
	Credentials *Credentials // required
}

// Authenticate implements auth.Authenticator.
func (a Authenticator) Authenticate(ctx context.Context, text auth.Secret) (*auth.Principal, error) {
	h, kept, err := a.Credentials.verify(ctx, text, factor.AccessToken)
	if err != nil {
		return nil, err
	}
	a.Credentials.noteUse(h)
	return h.principal(auth.ByPAT, kept.Scopes), nil
}
