package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"roster/auth"
	"roster/storage"
)

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

// checkSecret admits what can be sent as a bearer token (b64token of RFC 6750
// section 2.1) and is not refused as damaged. The message does not repeat it.
func (r *Registry) checkSecret(secret auth.Secret) error {
	const characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~+/"
	text := secret.Reveal()
	body := strings.TrimRight(text, "=")
	if len(text) < 8 || len(text) > 512 || body == "" || strings.Trim(body, characters) != "" {
		return fmt.Errorf("the secret is %w: use 8 to 512 of the characters 0-9 A-Z a-z - . _ ~ + /", ErrInvalid)
	}
	if r.tokens.Damaged(secret) {
		return fmt.Errorf("the secret is %w: it starts like a minted token but has another checksum; use another text", ErrInvalid)
	}
	return nil
}
