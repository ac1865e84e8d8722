package platform

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"roster/auth/registry"
	"roster/extensions/rest"
)

// Account is a tenant.
type Account struct {
	ID         string            `json:"id" format:"uuid"`
	Name       string            `json:"name"`
	CreatedAt  time.Time         `json:"createdAt"`
	DisabledAt time.Time         `json:"disabledAt,omitzero" doc:"Since when everybody is kept out; absent if nobody is"`
	Settings   registry.Settings `json:"settings"`
}

func accountOf(a registry.Account) Account {
	return Account{a.ID, a.Name, rest.ShownTime(a.Created), shownOrNone(a.Disabled), a.Settings}
}

// shownOrNone is a time as it is shown, and the zero time itself.
func shownOrNone(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return rest.ShownTime(t)
}

// inAccount says which account is meant.
type inAccount struct {
	Account string `path:"account" doc:"Id or name of the account"`
}

// isOwn reports whether it is that of the token, because the path names none. Who
// calls then is no operator.
func (in inAccount) isOwn() bool { return in.Account == "" }

// maxNamed bounds what a path may have in the place of an id or a name, in bytes.
const maxNamed = 64

// account returns the account that is meant.
func (p *Platform) account(ctx context.Context, q *rest.Request, in inAccount) (registry.Account, error) {
	named := in.Account
	if in.isOwn() {
		named = q.Principal.Account
	}
	if len(named) > maxNamed {
		return registry.Account{}, notFound()
	}
	a, err := p.Registry.Account(ctx, named)
	if errors.Is(err, registry.ErrNotFound) && !in.isOwn() {
		a, err = p.Registry.AccountByName(ctx, named)
	}
	return a, refused(err)
}

// Part is a part of a list.
type Part[T any] struct {
	Results []T    `json:"results"`
	Next    string `json:"next,omitzero" doc:"after, for what follows; absent at the end"`
}

// after says which part of a list is asked for.
type after struct {
	After string `query:"after,omitzero" maxLength:"200" doc:"Go on behind that one: next of the answer before"`
	Limit int    `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

// partOf shows a list that was asked for by after, and whose elements have keys.
func partOf[From, To any](in after, list []From, show func(From) To, key func(From) string) Part[To] {
	part := Part[To]{Results: rest.Mapped(list, show)}
	if len(list) == in.Limit {
		part.Next = key(list[len(list)-1])
	}
	return part
}

func (p *Platform) listAccounts(ctx context.Context, _ *rest.Request, in after) (Part[Account], error) {
	list, err := p.Registry.ListAccounts(ctx, in.After, in.Limit)
	return partOf(in, list, accountOf, func(a registry.Account) string { return a.Name }), err
}

// DeletedAccount is what is left of an account.
type DeletedAccount struct {
	ID        string    `json:"id" format:"uuid"`
	Name      string    `json:"name" doc:"Which another account may have by now"`
	CreatedAt time.Time `json:"createdAt"`
	DeletedAt time.Time `json:"deletedAt,omitzero" doc:"Absent while the deletion goes on"`
}

func (p *Platform) listDeleted(ctx context.Context, _ *rest.Request, in after) (Part[DeletedAccount], error) {
	list, err := p.Registry.DeletedAccounts(ctx, in.After, in.Limit)
	return partOf(in, list, func(d registry.DeletedAccount) DeletedAccount {
		return DeletedAccount{d.ID, d.Name, rest.ShownTime(d.Created), shownOrNone(d.Deleted)}
	}, func(d registry.DeletedAccount) string { return d.ID }), err
}

func (p *Platform) createAccount(ctx context.Context, q *rest.Request, in struct {
	Body struct {
		Name     string            `json:"name" minLength:"1" maxLength:"63" doc:"Lower-case letters, digits and -, with a letter or digit at both ends"`
		Settings registry.Settings `json:"settings,omitzero"`
	}
}) (Account, error) {
	a, err := p.Registry.CreateAccount(ctx, registry.NewAccount{Name: in.Body.Name, Settings: in.Body.Settings})
	if err != nil {
		return Account{}, refused(err)
	}
	// Whoever asked may be gone, but the account is made.
	if err := p.Founded(context.WithoutCancel(ctx), a.ID); err != nil {
		return Account{}, fmt.Errorf("found account %s: %w", a.Name, err)
	}
	q.Locate("/accounts/" + a.ID)
	return accountOf(a), nil
}

func (p *Platform) getAccount(ctx context.Context, q *rest.Request, in inAccount) (Account, error) {
	a, err := p.account(ctx, q, in)
	return accountOf(a), err
}

func (p *Platform) enableAccount(ctx context.Context, q *rest.Request, in inAccount) (Account, error) {
	a, err := p.account(ctx, q, in)
	if err != nil {
		return Account{}, err
	}
	a, err = p.Registry.EnableAccount(ctx, a.ID)
	return accountOf(a), refused(err)
}

func (p *Platform) disableAccount(ctx context.Context, q *rest.Request, in inAccount) (Account, error) {
	a, err := p.otherAccount(ctx, q, in)
	if err != nil {
		return Account{}, err
	}
	a, err = p.Registry.DisableAccount(ctx, a.ID)
	return accountOf(a), refused(err)
}

// deleteAccount goes on when whoever asked is gone: half an account is no use.
func (p *Platform) deleteAccount(ctx context.Context, q *rest.Request, in struct {
	inAccount
	Name string `query:"name" maxLength:"63" doc:"The name of the account once more, so that none is deleted by mistake"`
}) (rest.None, error) {
	a, err := p.otherAccount(ctx, q, in.inAccount)
	if err != nil {
		return rest.None{}, err
	}
	if in.Name != a.Name {
		return rest.None{}, rest.Refuse(http.StatusBadRequest, "invalid_parameter", "name is not that of the account; look at the account before you delete it")
	}
	return rest.None{}, refused(p.Registry.DeleteAccount(context.WithoutCancel(ctx), a.ID))
}

// otherAccount is account, unless the caller is in it.
func (p *Platform) otherAccount(ctx context.Context, q *rest.Request, in inAccount) (registry.Account, error) {
	a, err := p.account(ctx, q, in)
	if err == nil && a.ID == q.Principal.Account {
		err = rest.Refuse(http.StatusConflict, "self_lockout", "the token is of this account and would end with it; use one of another account")
	}
	return a, err
}
