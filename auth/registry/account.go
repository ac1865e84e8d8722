package registry

import (
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
	defer r.forgetTrusts(body.Settings.Issuers)
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

func checkAccountName(name string) error {
	const characters = "abcdefghijklmnopqrstuvwxyz0123456789-"
	if name == "" || len(name) > 63 || strings.Trim(name, characters) != "" ||
		strings.Trim(name, "-") != name {
		return invalid("account name", name, "1 to 63 lower-case letters, digits and '-', with a letter or digit at both ends")
	}
	return nil
}
