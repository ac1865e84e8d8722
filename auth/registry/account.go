package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"roster/scim"
	"roster/storage"
)

// Account is a tenant. Values are shared: do not change what the maps and lists of
// its settings hold.
type Account struct {
	ID        string // also the name of its part of the store: storage.Account(ID)
	Name      string
	Created   time.Time
	Disabled  time.Time // since when nobody may enter it; zero if it is not
	Settings  Settings  // as set
	Effective           // what the settings come to, where they have defaults
}

// NewAccount is what an account is made of.
type NewAccount struct {
	// Name is for people and configurations: 1 to 63 lower-case letters, digits
	// and '-', with a letter or digit at both ends. Required, unique.
	Name     string
	Settings Settings
}

// CreateAccount makes an account. It fails with ErrInvalid, and with ErrTaken if
// the name or one of the issuers is another account's. After any other error, ask AccountByName.
func (r *Registry) CreateAccount(ctx context.Context, n NewAccount) (a Account, err error) {
	if err := checkAccountName(n.Name); err != nil {
		return Account{}, err
	}
	body := accountBody{Name: n.Name}
	if err := body.set(n.Settings); err != nil {
		return Account{}, err
	}
	defer r.trusts.clear()
	err = retry(ctx, func() error {
		a, err = r.createAccount(ctx, body)
		return err
	})
	return a, err
}

func (r *Registry) createAccount(ctx context.Context, body accountBody) (Account, error) {
	d, err := accountDocument(storage.NewID(), body, r.clock())
	if err != nil {
		return Account{}, err
	}
	batch, err := r.share(ctx, nil, body.Settings.Issuers)
	if err != nil {
		return Account{}, err
	}
	batch.Guards = append(batch.Guards, storage.Absent{ID: d.ID})
	batch.Puts = append(batch.Puts, storage.Put{Document: *d})
	batch.Effects = r.event(ctx, "account.created", d.ID, accountDetail{body.Name, changedSettings(accountBody{}, body)})
	_, err = r.store.Apply(ctx, storage.System, batch)
	switch claim, _ := failedGuard(err).(storage.Claim); claim.Attribute {
	case issuerClaim:
		return Account{}, errTrustTaken
	case nameClaim:
		return Account{}, fmt.Errorf("account name %q is %w: choose another", body.Name, ErrTaken)
	}
	if err != nil {
		return Account{}, fmt.Errorf("create account: %w", err)
	}
	return accountOf(d)
}

// Account returns the account with that id, or ErrNotFound. It is asked on each
// request, and answers from memory what it read within the last minute and
// nobody changed since.
func (r *Registry) Account(ctx context.Context, id string) (Account, error) {
	return r.accounts.get(id, r.now(), func() (a Account, err error) {
		err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
			a, err = readAccount(ctx, s, id)
			return err
		})
		return a, err
	})
}

// AccountByName returns the account with that name, or ErrNotFound.
func (r *Registry) AccountByName(ctx context.Context, name string) (a Account, err error) {
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		id, err := s.Owner(ctx, nameClaim, []byte(name))
		if errors.Is(err, storage.ErrNotFound) {
			return fmt.Errorf("account %q: %w", scim.Abbreviate(name), ErrNotFound)
		}
		if err != nil {
			return fmt.Errorf("look up account: %w", err)
		}
		a, err = readAccount(ctx, s, id)
		return err
	})
	return a, err
}

// ListAccounts returns accounts in the order of their names, starting after that
// name, "" for the first: at most limit, and at most 1000.
func (r *Registry) ListAccounts(ctx context.Context, after string, limit int) (list []Account, err error) {
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		page, err := s.Query(ctx, accountsAfter(after, limit))
		if err != nil {
			return fmt.Errorf("list accounts: %w", err)
		}
		for _, d := range page.Documents {
			a, err := accountOf(d)
			if err != nil {
				return err
			}
			list = append(list, a)
		}
		return nil
	})
	return list, err
}

// UpdateAccount changes an account's settings. change gets the present ones, may
// be called several times, and its error is returned. What it leaves is kept as
// Normalised returns it, with the present secrets in the place of Kept. It fails
// with ErrInvalid, ErrNotFound, and ErrTaken if another account has one of the
// issuers; the new settings act when it returns.
func (r *Registry) UpdateAccount(ctx context.Context, id string, change func(*Settings) error) (Account, error) {
	return r.changeAccount(ctx, id, "account.changed", func(b *accountBody) error {
		settings := b.Settings
		if err := change(&settings); err != nil {
			return err
		}
		return b.set(settings)
	})
}

// DisableAccount keeps everybody out of an account, whatever they show, until
// EnableAccount: those who ask who calls are to ask Account as well. Nothing in it
// changes. One that is disabled stays as it is. It fails with ErrNotFound.
func (r *Registry) DisableAccount(ctx context.Context, id string) (Account, error) {
	return r.changeAccount(ctx, id, "account.disabled", func(b *accountBody) error {
		if b.Disabled.IsZero() {
			b.Disabled = r.clock()
		}
		return nil
	})
}

// EnableAccount undoes DisableAccount. It fails with ErrNotFound, also for an
// account whose deletion has begun.
func (r *Registry) EnableAccount(ctx context.Context, id string) (Account, error) {
	return r.changeAccount(ctx, id, "account.enabled", func(b *accountBody) error {
		b.Disabled = time.Time{}
		return nil
	})
}

// changeAccount repeats the change as long as somebody else is faster.
func (r *Registry) changeAccount(ctx context.Context, id, event string, change func(*accountBody) error) (a Account, err error) {
	// Also after an error: it may be about the answer, not the change.
	defer r.accounts.drop(id)
	defer r.trusts.clear()
	err = retry(ctx, func() error {
		a, err = r.tryChange(ctx, id, event, change)
		return err
	})
	return a, err
}

func (r *Registry) tryChange(ctx context.Context, id, event string, change func(*accountBody) error) (Account, error) {
	old, err := r.document(ctx, accountType, id)
	if err != nil {
		return Account{}, err
	}
	before, err := accountBodyOf(old)
	if err != nil {
		return Account{}, err
	}
	after, _ := accountBodyOf(old) // shares nothing with the other one
	if err := change(&after); err != nil {
		return Account{}, err
	}
	d, err := accountDocument(id, after, r.clock())
	switch {
	case err != nil:
		return Account{}, err
	case bytes.Equal(d.Body, old.Body):
		return accountOf(old)
	}
	d.Created = old.Created
	batch, err := r.share(ctx, before.Settings.Issuers, after.Settings.Issuers)
	if err != nil {
		return Account{}, err
	}
	batch.Effects = r.event(ctx, event, id, accountDetail{after.Name, changedSettings(before, after)})
	err = r.replace(ctx, old, d, batch)
	if claim, _ := failedGuard(err).(storage.Claim); claim.Attribute == issuerClaim {
		return Account{}, errTrustTaken
	}
	if err != nil {
		return Account{}, err
	}
	return accountOf(d)
}

func checkAccountName(name string) error {
	const characters = "abcdefghijklmnopqrstuvwxyz0123456789-"
	if name == "" || len(name) > 63 || strings.Trim(name, characters) != "" ||
		strings.Trim(name, "-") != name {
		return invalid("account name", name, "1 to 63 lower-case letters, digits and '-', with a letter or digit at both ends")
	}
	return nil
}
