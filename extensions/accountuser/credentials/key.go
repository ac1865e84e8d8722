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
	Used    time.Time // when it was last used, to the minute; zero if it never was
}

// publicKey is what is kept of a key, beside what the user shows of it.
type publicKey struct {
	Public []byte // PEM
}

// NewKey is what a key is made of.
type NewKey struct {
	Public  []byte          // in PEM or as a JWK; nil for a new key
	Expires time.Time       // zero: never
	Granter *auth.Principal // as of NewSecret; required
}

// CreateKey gives a machine an RSA key: the public key that is given, or a new one,
// whose file is returned and cannot be had again; see factor.KeyFile. It fails with
// invalid_key, and as CreateSecret does.
func (c *Credentials) CreateKey(ctx context.Context, call provider.Call, id string, n NewKey, pre provider.Precondition) (k Key, file auth.Secret, _ model.View, err error) {
	if err := checkExpiry(n.Expires, c.now()); err != nil {
		return Key{}, "", model.View{}, err
	}
	err = c.readMachine(ctx, call, id, func(storage.Snapshot, model.View) error { return nil })
	if err != nil { // before the key is generated, which is dear
		return Key{}, "", model.View{}, err
	}
	keyID := storage.NewID()
	var kept publicKey
	if kept.Public, file, err = c.makeKey(ctx, clientID(call.Account, id), keyID, n.Public); err != nil {
		return Key{}, "", model.View{}, err
	}
	v, err := c.Users.Edit(ctx, call, id, actionKeyCreated, pre, func(ctx context.Context, d *model.Draft) error {
		k = Key{ID: keyID, Created: d.Now, Expires: n.Expires}
		if err := c.checkClient(ctx, d, n.Granter, n.Expires); err != nil {
			return err
		}
		return addCredential(d, credential{id: keyID, kind: typeKey, created: k.Created, expires: k.Expires}, kept)
	})
	if err != nil {
		return Key{}, "", v, err
	}
	return k, file, v, nil
}

// makeKey returns the public key in PEM, and the file if it is a new key.
func (c *Credentials) makeKey(ctx context.Context, client factor.ClientID, keyID string, given []byte) (public []byte, file auth.Secret, err error) {
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
	file, err = factor.KeyFile{KeyID: keyID, Client: client, Key: key}.Encode()
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
	err = c.readMachine(ctx, call, id, func(s storage.Snapshot, v model.View) error {
		all := credentialsOf(v, typeKey)
		total = len(all)
		for _, m := range window(all, from, take) {
			k, err := readKey(ctx, s, id, m)
			if err != nil {
				return err
			}
			list = append(list, k)
		}
		return nil
	})
	return list, total, err
}

func readKey(ctx context.Context, s storage.Snapshot, user string, m credential) (Key, error) {
	used, _, err := model.LoadSide[time.Time](ctx, s, user, usedPrefix+m.id)
	return Key{ID: m.id, Created: m.created, Expires: m.expires, Used: used}, err
}

// KeyByID returns one of them. It fails with a 404 if the machine has no such key.
func (c *Credentials) KeyByID(ctx context.Context, call provider.Call, id, keyID string) (k Key, err error) {
	err = c.readMachine(ctx, call, id, func(s storage.Snapshot, v model.View) error {
		m, found := findCredential(v, typeKey, keyID)
		if !found {
			return notThere(typeKey)
		}
		k, err = readKey(ctx, s, id, m)
		return err
	})
	return k, err
}

// RemoveKey ends a key. It fails as KeyByID does.
func (c *Credentials) RemoveKey(ctx context.Context, call provider.Call, id, keyID string, pre provider.Precondition) (model.View, error) {
	return c.removeCredential(ctx, call, id, actionKeyRemoved, typeKey, keyID, pre)
}
