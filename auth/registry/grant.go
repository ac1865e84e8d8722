package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"roster/auth"
	"roster/storage"
)

// CreateToken makes a credential and returns its secret, which cannot be had again:
// "" for a form that has none. It fails with ErrInvalid, with ErrNotFound if there
// is no such account, and with ErrTaken if another credential has the certificate.
// After any other error the credential may exist, but nobody knows its secret.
func (r *Registry) CreateToken(ctx context.Context, n NewToken) (Token, auth.Secret, error) {
	body, err := r.newBody(ctx, n)
	if err != nil {
		return Token{}, "", err
	}
	secret := r.mint(&body)
	t, err := r.putToken(ctx, body)
	if err != nil {
		return Token{}, "", err
	}
	return t, secret, nil
}

// newBody is that of a new credential, as the account's policy allows it.
func (r *Registry) newBody(ctx context.Context, n NewToken) (tokenBody, error) {
	account, err := r.Account(ctx, n.Account)
	if err != nil {
		return tokenBody{}, err
	}
	return n.body(r.clock(), account.Tokens)
}

// mint makes the secret of a credential, "" if its form has none, and keeps the
// hash.
func (r *Registry) mint(b *tokenBody) (secret auth.Secret) {
	switch b.Form {
	case FormBearer:
		secret = r.tokens.Mint()
	case FormSecret:
		secret = r.tokens.MintSecret()
	default:
		return ""
	}
	hash := r.tokens.Hash(secret)
	b.Hash = hash[:]
	return secret
}

// AddToken is CreateToken of a bearer token with a secret of the caller's choice,
// for development and tests: 8 to 512 characters that a bearer token may have. If
// the account has a token with that secret already, that one gets the new name,
// scopes and expiry, so that a program may call this at each start; if another
// account has it, it fails with ErrTaken.
func (r *Registry) AddToken(ctx context.Context, n NewToken, secret auth.Secret) (t Token, err error) {
	body, err := r.newBody(ctx, n)
	if err != nil {
		return Token{}, err
	}
	if body.Form != FormBearer {
		return Token{}, invalid("form", string(body.Form), string(FormBearer))
	}
	if err := r.checkSecret(secret); err != nil {
		return Token{}, err
	}
	hash := r.tokens.Hash(secret)
	body.Hash = hash[:]
	defer r.holders.drop(hash)
	err = retry(ctx, func() error {
		t, err = r.putToken(ctx, body)
		if errors.Is(err, ErrTaken) {
			t, err = r.renewToken(ctx, body)
		}
		return err
	})
	return t, err
}

// putToken makes the first credential of a row.
func (r *Registry) putToken(ctx context.Context, b tokenBody) (Token, error) {
	id := storage.NewID()
	b.Client = id
	d, err := tokenDocument(id, b, r.clock())
	if err != nil {
		return Token{}, err
	}
	_, err = r.store.Apply(ctx, storage.System, storage.Batch{
		Guards:  []storage.Guard{isAccount(b.Account), storage.Absent{ID: id}},
		Puts:    []storage.Put{{Document: *d}},
		Effects: r.event(ctx, "token.created", b.Account, b.detail(id)),
	})
	if err != nil {
		return Token{}, b.refusal("create", err)
	}
	return tokenOf(d)
}

// isAccount: it is there, and is not being deleted.
func isAccount(id string) storage.Guard {
	return storage.Exists{ID: id, Types: []string{accountType}}
}

// refusal says why a batch with a new credential was not applied.
func (b *tokenBody) refusal(doing string, err error) error {
	switch g := failedGuard(err).(type) {
	case storage.Exists:
		return fmt.Errorf("account %q: %w", b.Account, ErrNotFound)
	case storage.Claim:
		switch g.Attribute {
		case hashClaim:
			return fmt.Errorf("the secret is %w: another token has it", ErrTaken)
		case certificateClaim:
			return fmt.Errorf("the certificate is %w: another credential has it; revoke that one first", ErrTaken)
		case clientKeyClaim:
			return fmt.Errorf("the key id %q is %w: another key of the client has it; use a new key, with an id of its own", b.KeyID, ErrTaken)
		}
	}
	return fmt.Errorf("%s token: %w", doing, err)
}

// renewToken gives the token with that hash another body. If it was revoked
// meanwhile, that is a conflict: putToken will do.
func (r *Registry) renewToken(ctx context.Context, b tokenBody) (t Token, err error) {
	var old *storage.Document
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		id, err := s.Owner(ctx, hashClaim, b.Hash)
		if errors.Is(err, storage.ErrNotFound) {
			return &storage.ConflictError{Guard: storage.Claim{Attribute: hashClaim}}
		}
		if err != nil {
			return fmt.Errorf("look up token: %w", err)
		}
		if old, err = readDocument(ctx, s, tokenType, id); err != nil {
			return err
		}
		t, err = readToken(ctx, s, old)
		return err
	})
	if err != nil {
		return Token{}, err
	}
	if t.Account != b.Account {
		return Token{}, fmt.Errorf("the secret is %w: another account has a token with it", ErrTaken)
	}
	b.Client, b.Replaces, b.ReplacedBy = t.Client, t.Replaces, t.ReplacedBy
	return r.replaceToken(ctx, old, b, t.LastUsed, "token.changed")
}

// RevokeToken ends a credential for good. Nobody is let in with it any more when
// this returns; it stays listed. Revoking it again changes nothing, nor does it end
// the others of its row. It fails with ErrNotFound.
func (r *Registry) RevokeToken(ctx context.Context, id string) error {
	return retry(ctx, func() error {
		old, err := r.document(ctx, tokenType, id)
		if err != nil {
			return err
		}
		var b tokenBody
		if err := decodeBody(old, &b); err != nil || !b.Revoked.IsZero() {
			return err
		}
		// Also after an error: it may be about the answer, not the change.
		defer r.forget(b)
		b.Revoked, b.Hash = r.clock(), nil
		_, err = r.replaceToken(ctx, old, b, time.Time{}, "token.revoked")
		return err
	})
}

func (r *Registry) replaceToken(ctx context.Context, old *storage.Document, b tokenBody, used time.Time, event string) (Token, error) {
	d, err := tokenDocument(old.ID, b, r.clock())
	if err != nil {
		return Token{}, err
	}
	d.Created = old.Created
	more := storage.Batch{Effects: r.event(ctx, event, b.Account, b.detail(old.ID))}
	if err := r.replace(ctx, old, d, more); err != nil {
		return Token{}, err
	}
	t, err := tokenOf(d)
	t.LastUsed = used
	return t, err
}

// forget drops what is remembered of a credential and its row.
func (r *Registry) forget(b tokenBody) {
	switch b.Form {
	case FormBearer:
		r.holders.drop(keyOf(b.Hash))
	case FormCertificate:
		r.certificates.clear()
	default:
		r.clients.drop(b.Client)
	}
}

// keyOf is the hash as the key of what is remembered.
func keyOf(hash []byte) (key [sha256.Size]byte) {
	copy(key[:], hash)
	return key
}
