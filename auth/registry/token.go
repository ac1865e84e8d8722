package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"roster/auth"
	"roster/storage"
)

// Token is all that is known of a token but its secret.
type Token struct {
	ID       string
	Account  string // id
	Name     string
	Scopes   []auth.Scope
	User     string // id of the resource that it belongs to, "" if to none
	Created  time.Time
	Expires  time.Time
	Revoked  time.Time // zero if it is not
	LastUsed time.Time // to the minute, zero if never
}

// Usable reports whether the token is neither expired nor revoked.
func (t Token) Usable(now time.Time) bool { return t.Revoked.IsZero() && now.Before(t.Expires) }

// Token returns the token with that id, or ErrNotFound.
func (r *Registry) Token(ctx context.Context, id string) (t Token, err error) {
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		d, err := readDocument(ctx, s, tokenType, id)
		if err != nil {
			return err
		}
		t, err = readToken(ctx, s, d)
		return err
	})
	return t, err
}

// ListTokens returns the tokens of an account in the order of their creation,
// also the expired and revoked ones, starting after that id, "" for the first: at
// most limit, and at most 1000.
func (r *Registry) ListTokens(ctx context.Context, account, after string, limit int) (list []Token, err error) {
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		page, err := s.Query(ctx, tokensAfter(account, after, limit))
		if err != nil {
			return fmt.Errorf("list tokens: %w", err)
		}
		for _, d := range page.Documents {
			t, err := readToken(ctx, s, d)
			if err != nil {
				return err
			}
			list = append(list, t)
		}
		return nil
	})
	return list, err
}

// tokenBody is the body of a token's document.
type tokenBody struct {
	Account string       `json:"account"`
	Name    string       `json:"name"`
	Scopes  []auth.Scope `json:"scopes"`
	User    string       `json:"user,omitempty"`
	Expires time.Time    `json:"expires"`
	Revoked time.Time    `json:"revoked,omitzero"`
	Hash    []byte       `json:"hash,omitempty"` // none once it is revoked
}

func tokenDocument(id string, b tokenBody, now time.Time) (*storage.Document, error) {
	body, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode token: %w", err)
	}
	d := newDocument(tokenType, id, now, body)
	if b.Hash != nil {
		d.Claims = []storage.Claim{{Attribute: hashClaim, Value: b.Hash, ID: id}}
	}
	return d, nil
}

func tokenOf(d *storage.Document) (Token, error) {
	var b tokenBody
	if err := decodeBody(d, &b); err != nil {
		return Token{}, err
	}
	return Token{
		ID: d.ID, Account: b.Account, Name: b.Name, Scopes: b.Scopes, User: b.User,
		Created: d.Created, Expires: b.Expires, Revoked: b.Revoked,
	}, nil
}

// readToken is tokenOf with the last use.
func readToken(ctx context.Context, s storage.Snapshot, d *storage.Document) (Token, error) {
	t, err := tokenOf(d)
	if err != nil {
		return Token{}, err
	}
	t.LastUsed, err = lastUse(ctx, s, d.ID)
	return t, err
}
