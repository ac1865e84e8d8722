package credentials

import (
	"context"
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

// hold finds a credential of a machine. It is refused from the moment on in which
// it is removed or expires, or the machine is not active any more: nothing is
// remembered. right reads what else is needed, and reports whether it is so. It
// fails with auth.ErrUnauthenticated.
func (c *Credentials) hold(ctx context.Context, client factor.ClientID, kind, id string, right func(storage.Snapshot) (bool, error)) (h held, err error) {
	h = held{account: storage.Account(client.Account), kind: kind, id: id}
	err = c.Users.Store.View(ctx, h.account, func(s storage.Snapshot) (err error) {
		if h.user, err = userDocument(ctx, s, client.User); err != nil {
			return err
		}
		if h.user == nil {
			return auth.ErrUnauthenticated
		}
		h.view = model.Of(query.Resource(h.user))
		m, found := findCredential(h.view, kind, id)
		if !found || !lasts(m.expires, c.now()) || !h.view.IsMachine() || h.view.Standing() != model.Active {
			return auth.ErrUnauthenticated
		}
		if ok, err := right(s); !ok || err != nil {
			return refusal(err)
		}
		h.name = m.display
		h.used, _, err = model.LoadSide[time.Time](ctx, s, client.User, usedPrefix+id)
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

// lasts reports whether what expires then is still good; the zero time is never.
func lasts(expires, now time.Time) bool { return expires.IsZero() || now.Before(expires) }

// verify finds out whose a client secret or personal access token is.
func (c *Credentials) verify(ctx context.Context, text auth.Secret, form factor.Form) (h held, kept bearer, err error) {
	t, err := factor.ParseMachineToken(text)
	if err != nil || t.Form != form {
		return held{}, bearer{}, auth.ErrUnauthenticated
	}
	client := factor.ClientID{Account: t.Account, User: t.User}
	h, err = c.hold(ctx, client, string(form), t.Credential, func(s storage.Snapshot) (_ bool, err error) {
		kept, _, err = model.LoadSide[bearer](ctx, s, t.User, recordOf[string(form)]+t.Credential)
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
