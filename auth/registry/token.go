package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"roster/auth"
	"roster/storage"
)

// Token is all that is known of a credential but its secret.
type Token struct {
	ID      string
	Account string // id
	Name    string
	Form    Form
	// Client is the id by which the token endpoint knows the client. It stays the
	// same through rotations: the id of the first credential of the row.
	Client   string
	Scopes   []auth.Scope
	User     string // id of the resource that it belongs to, "" if to none
	Domain   string // provisioning domain, "" for that of the account itself
	Created  time.Time
	Expires  time.Time
	Revoked  time.Time // zero if it is not
	LastUsed time.Time // to the minute, zero if never

	Key         []byte // the public key of FormKey, as PEM (SPKI)
	KeyID       string // what assertions name it by (`kid`): that of the JWK, or its thumbprint (RFC 7638)
	Federated   Federated
	Certificate Certificate

	Replaces, ReplacedBy string // ids of its neighbours in the row, "" for none
}

// Token returns the credential with that id, or ErrNotFound.
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

// ListTokens returns the credentials of an account in the order of their creation,
// also the expired and revoked ones, starting after that id, "" for the first: at
// most limit, and at most 1000.
func (r *Registry) ListTokens(ctx context.Context, account, after string, limit int) (list []Token, err error) {
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		page, err := s.Query(ctx, tokensAfter(account, after, limit))
		if err != nil {
			return fmt.Errorf("list credentials: %w", err)
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

// tokenBody is the body of a credential's document.
type tokenBody struct {
	Account string       `json:"account"`
	Name    string       `json:"name"`
	Form    Form         `json:"form"`
	Client  string       `json:"client"`
	Scopes  []auth.Scope `json:"scopes"`
	User    string       `json:"user,omitempty"`
	Domain  string       `json:"domain,omitempty"`
	Expires time.Time    `json:"expires"`
	// Lifetime is how long it was made for, for the next one of the row.
	Lifetime Duration  `json:"lifetime"`
	Revoked  time.Time `json:"revoked,omitzero"`
	Hash     []byte    `json:"hash,omitempty"` // of the secret; none once it is revoked
	proof

	Replaces   string `json:"replaces,omitempty"`
	ReplacedBy string `json:"replacedBy,omitempty"`
	Ceded      bool   `json:"ceded,omitempty"` // its certificate is that of the one that replaces it
}

// usable reports whether the credential is neither expired nor revoked.
func (b *tokenBody) usable(now time.Time) bool { return b.Revoked.IsZero() && now.Before(b.Expires) }

func tokenDocument(id string, b tokenBody, now time.Time) (*storage.Document, error) {
	body, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode credential: %w", err)
	}
	d := newDocument(tokenType, id, now, body)
	if b.Revoked.IsZero() {
		d.Claims = b.claims(id)
	}
	return d, nil
}

// claims are the values that only one credential may have.
func (b *tokenBody) claims(id string) []storage.Claim {
	switch b.Form {
	case FormBearer:
		return []storage.Claim{{Attribute: hashClaim, Value: b.Hash, ID: id}}
	case FormKey:
		key := digest(b.Client, b.KeyID)
		return []storage.Claim{{Attribute: clientKeyClaim, Value: key[:], ID: id}}
	case FormCertificate:
		if b.Ceded {
			return nil
		}
		return []storage.Claim{{Attribute: certificateClaim, Value: []byte(b.Certificate.text()), ID: id}}
	}
	return nil
}

func tokenOf(d *storage.Document) (Token, error) {
	var b tokenBody
	if err := decodeBody(d, &b); err != nil {
		return Token{}, err
	}
	return Token{
		ID: d.ID, Account: b.Account, Name: b.Name, Form: b.Form, Client: b.Client,
		Scopes: b.Scopes, User: b.User, Domain: b.Domain,
		Created: d.Created, Expires: b.Expires, Revoked: b.Revoked,
		Key: encodePublicKey(b.Key), KeyID: b.KeyID, Federated: b.Federated, Certificate: b.Certificate,
		Replaces: b.Replaces, ReplacedBy: b.ReplacedBy,
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
