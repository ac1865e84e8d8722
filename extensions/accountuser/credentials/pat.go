package credentials

import (
	"context"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

const (
	actionTokenCreated = "user.token.created"
	actionTokenRemoved = "user.token.removed"
)

// Token is a personal access token of a machine, without its text.
type Token struct {
	ID      string
	Name    string // may be empty
	Scopes  []auth.Scope
	Created time.Time
	Expires time.Time // zero if it does not
	Used    time.Time // when it was last used, to the minute; zero if it never was
}

// NewToken is what a token is made of.
type NewToken struct {
	Name    string       // at most 200 characters
	Scopes  []auth.Scope // default: scim
	Expires time.Time    // zero: never
	// Granter makes the token, which can do nothing that the granter cannot. Required.
	Granter *auth.Principal
}

// CreateToken gives a machine a personal access token: a bearer token for this
// server. The text cannot be had again. It fails with wrong_type, with 403
// insufficient_scope for scopes that the granter has not, and with 400
// invalidValue for what is no scope of an account, or has expired.
func (c *Credentials) CreateToken(ctx context.Context, call provider.Call, id string, n NewToken, pre provider.Precondition) (made Token, text auth.Secret, _ model.View, err error) {
	if len(n.Scopes) == 0 {
		n.Scopes = []auth.Scope{auth.SCIM}
	}
	if err := n.check(c.now()); err != nil {
		return Token{}, "", model.View{}, err
	}
	v, err := c.Users.Edit(ctx, call, id, actionTokenCreated, pre, func(_ context.Context, d *model.Draft) error {
		if err := d.MustBe(model.Machine); err != nil {
			return err
		}
		made = Token{ID: storage.NewID(), Name: n.Name, Scopes: n.Scopes, Created: d.Now, Expires: n.Expires}
		text, err = factor.MachineToken{Form: factor.AccessToken, Account: string(call.Account), User: id, Credential: made.ID}.Mint()
		if err != nil {
			return err
		}
		hash := factor.Hash(text)
		return addCredential(d, credential{id: made.ID, kind: typePAT, display: n.Name, created: made.Created, expires: made.Expires},
			bearer{Hash: hash[:], Scopes: n.Scopes})
	})
	if err != nil {
		return Token{}, "", v, err
	}
	return made, text, v, nil
}

func (n NewToken) check(now time.Time) error {
	if utf8.RuneCountInString(n.Name) > maxName {
		return scim.BadRequest(scim.InvalidValue, "the name has more than %d characters", maxName)
	}
	valid := append(auth.AccountScopes(), auth.SCIM)
	for _, s := range n.Scopes {
		if !slices.Contains(valid, s) {
			return scim.BadRequest(scim.InvalidValue, "%q is no scope of a token; the scopes are %v", scim.Abbreviate(string(s)), valid)
		}
	}
	if err := mayGive(n.Granter, n.Scopes); err != nil {
		return err
	}
	return checkExpiry(n.Expires, now)
}

// mayGive refuses scopes that the granter has not. Who has both halves of SCIM has
// the whole.
func mayGive(granter *auth.Principal, scopes []auth.Scope) error {
	for _, s := range scopes {
		if granter.Has(s) || s == auth.SCIM && granter.Has(auth.SCIMRead) && granter.Has(auth.SCIMWrite) {
			continue
		}
		return model.Refuse(http.StatusForbidden, model.InsufficientScope, "nobody can give a scope that one has not oneself: %s", s)
	}
	return nil
}

// Tokens lists the personal access tokens of a machine in order of creation: at
// most take of them from that place on, and how many there are in all. It fails
// with a 404 and with wrong_type.
func (c *Credentials) Tokens(ctx context.Context, call provider.Call, id string, from, take int) (list []Token, total int, err error) {
	err = c.readMachine(ctx, call, id, func(s storage.Snapshot, v model.View) error {
		all := credentialsOf(v, typePAT)
		total = len(all)
		for _, m := range window(all, from, take) {
			t, err := readToken(ctx, s, id, m)
			if err != nil {
				return err
			}
			list = append(list, t)
		}
		return nil
	})
	return list, total, err
}

// Token returns one of them. It fails with a 404 if the machine has no such token.
func (c *Credentials) Token(ctx context.Context, call provider.Call, id, tokenID string) (t Token, err error) {
	err = c.readMachine(ctx, call, id, func(s storage.Snapshot, v model.View) error {
		m, found := findCredential(v, typePAT, tokenID)
		if !found {
			return notThere("token")
		}
		t, err = readToken(ctx, s, id, m)
		return err
	})
	return t, err
}

// RemoveToken ends a personal access token. It fails as Token does.
func (c *Credentials) RemoveToken(ctx context.Context, call provider.Call, id, tokenID string, pre provider.Precondition) (model.View, error) {
	return c.removeCredential(ctx, call, id, actionTokenRemoved, typePAT, tokenID, pre)
}

func readToken(ctx context.Context, s storage.Snapshot, user string, m credential) (Token, error) {
	kept, _, err := model.LoadSide[bearer](ctx, s, user, model.SideToken+m.id)
	if err != nil {
		return Token{}, err
	}
	used, _, err := model.LoadSide[time.Time](ctx, s, user, usedPrefix+m.id)
	return Token{ID: m.id, Name: m.display, Scopes: kept.Scopes, Created: m.created, Expires: m.expires, Used: used}, err
}

// window is the part of a list that a page shows.
func window[T any](all []T, from, take int) []T {
	from = min(from, len(all))
	return all[from:min(from+take, len(all))]
}
