package credentials

import (
	"context"
	"crypto"
	"strings"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/storage"
)

// Clients are the machine users as clients of the token endpoint: by their secrets
// (RFC 6749 section 2.3.1), and by what they sign with their keys (RFC 7523). The
// client id of a machine is that of factor.ClientID; where a secret says the account
// itself, the id of the user will do.
//
// A client may do what the roles of the machine allow at that time, so that one
// whose roles allow nothing has no scopes at all. A handle names a credential for as
// long as it exists, by its kind, client id and own id.
//
// Every method fails with auth.ErrUnauthenticated, whatever of it is wrong: what is
// asked for or shown, that the credential expired or was removed or replaced, or
// that the machine is not active.
type Clients struct{ *Credentials }

// WithSecret returns who calls with a client secret.
func (c Clients) WithSecret(ctx context.Context, clientID string, secret auth.Secret) (p *auth.Principal, handle string, err error) {
	client, err := factor.ParseClientID(clientID)
	if err != nil {
		return nil, "", auth.ErrUnauthenticated
	}
	h, _, err := c.verify(ctx, secret, factor.ClientSecret)
	if err != nil {
		return nil, "", err
	}
	if client.User != h.user.ID || client.Account != "" && client.Account != string(h.account) {
		return nil, "", auth.ErrUnauthenticated
	}
	c.noteUse(h)
	p, err = c.client(ctx, h)
	return p, h.handle(), err
}

// Key returns the public key of a machine by which an assertion of it is verified,
// the only one that it has if keyID is "", and who calls if the assertion is right.
// Whether it is, is not known yet: so it is Current that notes that the key is used.
func (c Clients) Key(ctx context.Context, clientID, keyID string) (key crypto.PublicKey, p *auth.Principal, handle string, err error) {
	client, err := factor.ParseClientID(clientID)
	if err != nil {
		return nil, nil, "", auth.ErrUnauthenticated
	}
	var kept publicKey
	h, err := c.hold(ctx, client, typeKey, keyID, func(s storage.Snapshot, id string) (found bool, err error) {
		kept, found, err = model.LoadSide[publicKey](ctx, s, client.User, recordOf[typeKey]+id)
		return found, err
	})
	if err != nil {
		return nil, nil, "", err
	}
	if key, err = factor.ParseKey(kept.Public); err != nil {
		return nil, nil, "", err
	}
	p, err = c.client(ctx, h)
	return key, p, h.handle(), err
}

// Federated knows nobody: no machine user is let in by assertions of other issuers.
func (Clients) Federated(context.Context, string, string, string, []string) (*auth.Principal, string, error) {
	return nil, "", auth.ErrUnauthenticated
}

// Current returns the principal of a handle as it is now, and notes that the
// credential is used.
func (c Clients) Current(ctx context.Context, handle string) (*auth.Principal, error) {
	kind, rest, _ := strings.Cut(handle, "/")
	name, id, _ := strings.Cut(rest, "/")
	client, err := factor.ParseClientID(name)
	if err != nil || id == "" || kind != typeSecret && kind != typeKey {
		return nil, auth.ErrUnauthenticated
	}
	h, err := c.hold(ctx, client, kind, id, func(storage.Snapshot, string) (bool, error) { return true, nil })
	if err != nil {
		return nil, err
	}
	c.noteUse(h)
	return c.client(ctx, h)
}

func (h held) handle() string {
	return h.kind + "/" + clientID(h.account, h.user.ID).String() + "/" + h.id
}

// client is the principal of a machine that uses the token endpoint.
func (c Clients) client(ctx context.Context, h held) (*auth.Principal, error) {
	scopes, err := c.roleScopes(ctx, h.account, h.user)
	if err != nil {
		return nil, err
	}
	return h.principal(auth.ByOAuth, scopes), nil
}
