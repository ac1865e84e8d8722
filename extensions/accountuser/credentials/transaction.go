package credentials

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"roster/auth"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

const (
	transactionLifetime = 5 * time.Minute
	maxTransaction      = 8 << 10 // bytes of its text
)

// transaction is a login of which the first half is done. The server keeps nothing
// of it: the client does, sealed for the account.
type transaction struct {
	ID      string // begins with the time of its end, so that ids are in that order
	User    string // id; one of nobody for a passkey login by an unknown name
	Expires time.Time
	// Password identifies the one that was shown: with another one the login is worth
	// nothing. Nil for a login by a passkey.
	Password []byte
	Session  []byte // of a login by a passkey
}

func (c *Credentials) newTransaction(user string) transaction {
	expires := c.now().Add(transactionLifetime)
	return transaction{ID: fmt.Sprintf("%012x-%s", expires.UnixMilli(), rand.Text()), User: user, Expires: expires}
}

// seal makes the text by which the client names the transaction.
func (c *Credentials) seal(call provider.Call, t transaction) (auth.Secret, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	sealed := c.Key.Seal(use(forTransaction, call.Account, ""), text)
	return auth.Secret(base64.RawURLEncoding.EncodeToString(sealed)), nil
}

// open reads what seal made for the account. It fails with expired.
func (c *Credentials) open(call provider.Call, text auth.Secret) (t transaction, err error) {
	if len(text) > maxTransaction {
		return t, expired("the transaction")
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text.Reveal())
	if err == nil {
		sealed, err = c.Key.Open(use(forTransaction, call.Account, ""), sealed)
	}
	if err == nil {
		err = json.Unmarshal(sealed, &t)
	}
	if err != nil || !c.now().Before(t.Expires) {
		return t, expired("the transaction")
	}
	return t, nil
}

// byPassword reports whether the first half was the password.
func (t transaction) byPassword() bool { return t.Password != nil }

// fingerprint identifies a password by its hash.
func fingerprint(hash string) []byte {
	sum := sha256.Sum256([]byte(hash))
	return sum[:16]
}

// holds refuses a transaction that has succeeded already, or whose password is that
// of the user no more.
func (t transaction) holds(ctx context.Context, s storage.Snapshot, u *candidate) error {
	if t.byPassword() && !bytes.Equal(t.Password, fingerprint(u.password)) {
		return expired("the transaction")
	}
	_, err := s.Side(ctx, u.id, spentPrefix+t.ID)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return expired("the transaction")
}

// spend keeps a transaction from being used again, and forgets some of those that
// are over.
func (t transaction) spend(ctx context.Context, s storage.Snapshot, now time.Time) ([]storage.Side, error) {
	const some = 8 // more than come
	names, err := s.Sides(ctx, t.User, spentPrefix, "", some)
	if err != nil {
		return nil, err
	}
	sides := []storage.Side{{ID: t.User, Name: spentPrefix + t.ID, Data: []byte("1")}}
	for _, name := range names {
		if name < spentPrefix+fmt.Sprintf("%012x", now.UnixMilli()) {
			sides = append(sides, model.DropSide(t.User, name))
		}
	}
	return sides, nil
}
