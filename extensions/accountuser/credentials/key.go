package credentials

import (
	"context"
	"crypto/rsa"
	"errors"
	"net/http"
	"time"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

const (
	actionKeyCreated = "user.key.created"
	actionKeyRemoved = "user.key.removed"
)

const keyBits = 2048 // of keys that are generated here

// Key is an RSA key of a machine, without its private half, which nobody has but
// the machine.
type Key struct {
	ID      string
	Created time.Time
	Expires time.Time // zero if it does not
}

// publicKey is what is kept of a key.
type publicKey struct {
	Public  []byte    // PEM
	Expires time.Time `json:",omitzero"`
}

// CreateKey gives a machine an RSA key: the public key that is given, in PEM or as
// a JWK, or a new one, whose file is returned and cannot be had again; see
// factor.KeyFile. It fails with wrong_type, invalid_key, and with 400 invalidValue
// if it would have expired.
func (c *Credentials) CreateKey(ctx context.Context, call provider.Call, id string, public []byte, expires time.Time, pre provider.Precondition) (k Key, file auth.Secret, _ model.View, err error) {
	if err := checkExpiry(expires, c.now()); err != nil {
		return Key{}, "", model.View{}, err
	}
	err = c.readMachine(ctx, call, id, func(storage.Snapshot, model.View) error { return nil })
	if err != nil { // before the key is generated, which is dear
		return Key{}, "", model.View{}, err
	}
	keyID := storage.NewID()
	kept := publicKey{Expires: expires}
	if kept.Public, file, err = c.makeKey(ctx, id, keyID, public); err != nil {
		return Key{}, "", model.View{}, err
	}
	v, err := c.Users.Edit(ctx, call, id, actionKeyCreated, pre, func(_ context.Context, d *model.Draft) error {
		k = Key{ID: keyID, Created: d.Now, Expires: expires}
		if err := d.MustBe(model.Machine); err != nil {
			return err
		}
		return addCredential(d, credential{id: keyID, kind: typeKey, created: k.Created, expires: expires}, model.SideKey+keyID, kept)
	})
	if err != nil {
		return Key{}, "", v, err
	}
	return k, file, v, nil
}

// makeKey returns the public key in PEM, and the file if it is a new key.
func (c *Credentials) makeKey(ctx context.Context, user, keyID string, given []byte) (public []byte, file auth.Secret, err error) {
	if given != nil {
		key, err := factor.ParseKey(given)
		if errors.Is(err, factor.ErrRSAKey) {
			err = model.Refuse(http.StatusBadRequest, model.InvalidKey, "%v", err)
		}
		if err == nil {
			public, err = factor.EncodeKey(key)
		}
		return public, "", err
	}
	key, err := c.generateKey(ctx)
	if err != nil {
		return nil, "", err
	}
	if public, err = factor.EncodeKey(&key.PublicKey); err != nil {
		return nil, "", err
	}
	file, err = factor.KeyFile{KeyID: keyID, User: user, Key: key}.Encode()
	return public, file, err
}

// generateKey waits until there is a processor to spare for it.
func (c *Credentials) generateKey(ctx context.Context) (*rsa.PrivateKey, error) {
	select {
	case c.keys <- struct{}{}:
		defer func() { <-c.keys }()
		return factor.NewRSAKey(keyBits)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Keys lists the keys of a machine in order of creation, as Tokens does.
func (c *Credentials) Keys(ctx context.Context, call provider.Call, id string, from, take int) (list []Key, total int, err error) {
	err = c.readMachine(ctx, call, id, func(_ storage.Snapshot, v model.View) error {
		all := credentialsOf(v, typeKey)
		total = len(all)
		for _, m := range window(all, from, take) {
			list = append(list, m.key())
		}
		return nil
	})
	return list, total, err
}

func (m credential) key() Key { return Key{ID: m.id, Created: m.created, Expires: m.expires} }

// KeyByID returns one of them. It fails with a 404 if the machine has no such key.
func (c *Credentials) KeyByID(ctx context.Context, call provider.Call, id, keyID string) (k Key, err error) {
	err = c.readMachine(ctx, call, id, func(_ storage.Snapshot, v model.View) error {
		m, found := findCredential(v, typeKey, keyID)
		if !found {
			return notThere(typeKey)
		}
		k = m.key()
		return nil
	})
	return k, err
}

// RemoveKey ends a key. It fails as KeyByID does.
func (c *Credentials) RemoveKey(ctx context.Context, call provider.Call, id, keyID string, pre provider.Precondition) (model.View, error) {
	return c.removeCredential(ctx, call, id, actionKeyRemoved, typeKey, keyID, pre)
}
