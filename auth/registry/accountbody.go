package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"roster/storage"
)

// accountBody is the body of an account's document. In JSON, the settings hide
// their secrets, which are therefore kept beside them.
type accountBody struct {
	Name     string            `json:"name"`
	Disabled time.Time         `json:"disabled,omitzero"`
	Settings Settings          `json:"settings,omitzero"`
	Secrets  map[string]string `json:"secrets,omitempty"` // of webhooks, by URL
}

// set takes other settings.
func (b *accountBody) set(s Settings) (err error) {
	if s, err = s.Normalised(); err != nil {
		return err
	}
	if s.Webhooks, err = withSecrets(s.Webhooks, b.Secrets); err != nil {
		return err
	}
	b.Settings, b.Secrets = s, secretsOf(s.Webhooks)
	return nil
}

func accountBodyOf(d *storage.Document) (b accountBody, err error) {
	if err := decodeBody(d, &b); err != nil {
		return b, err
	}
	b.Settings.Webhooks, err = withSecrets(b.Settings.Webhooks, b.Secrets)
	return b, err
}

func accountDocument(id string, b accountBody, now time.Time) (*storage.Document, error) {
	body, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode account: %w", err)
	}
	d := newDocument(accountType, id, now, body)
	d.Claims = append(trustClaims(id, b.Settings.Issuers), storage.Claim{Attribute: nameClaim, Value: []byte(b.Name), ID: id})
	return d, nil
}

func accountOf(d *storage.Document) (Account, error) {
	b, err := accountBodyOf(d)
	if err != nil {
		return Account{}, err
	}
	a := Account{ID: d.ID, Name: b.Name, Created: d.Created, Disabled: b.Disabled, Settings: b.Settings}
	if a.Effective, err = b.Settings.Resolve(); err != nil {
		return Account{}, fmt.Errorf("account %q: %w", b.Name, err)
	}
	return a, nil
}

func readAccount(ctx context.Context, s storage.Snapshot, id string) (Account, error) {
	d, err := readDocument(ctx, s, accountType, id)
	if err != nil {
		return Account{}, err
	}
	return accountOf(d)
}
