package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"roster/scim"
	"roster/storage"
)

// Types of documents, their claims, indexes and side records in storage.System.
const (
	accountType = "account"
	nameClaim   = "account:name"
	nameIndex   = "account:name"
	issuerClaim = "account:issuer" // an issuer, its audience and the claim that is asked for
	issuerIndex = "account:issuer" // an issuer and its audience

	deletedType   = "account:deleted"
	deletingIndex = "account:deleting" // the accounts whose deletion has not ended

	sharingType = "sharing"

	tokenType        = "token"
	hashClaim        = "token:hash"
	clientKeyClaim   = "token:key" // a client and the id of one of its keys
	certificateClaim = "token:certificate"
	accountIndex     = "token:account"
	clientIndex      = "token:client" // a client and when the credential expires
	usedSide         = "used"         // when a token was last used, in RFC 3339
)

// maxPage bounds how many documents one call lists.
const maxPage = 1000

// newDocument makes a document whose id NewID minted.
func newDocument(typ, id string, now time.Time, body []byte) *storage.Document {
	created, _ := storage.IDTime(id)
	return &storage.Document{
		Type: typ, ID: id, Version: storage.NewID(),
		Created: created, Modified: now, Body: body,
	}
}

// noun is what messages call a document of that type.
func noun(typ string) string {
	if typ == tokenType {
		return "credential"
	}
	return typ
}

func decodeBody(d *storage.Document, body any) error {
	if err := json.Unmarshal(d.Body, body); err != nil {
		return fmt.Errorf("decode %s %s: %w", noun(d.Type), d.ID, err)
	}
	return nil
}

// readDocument returns the document of that type, or ErrNotFound.
func readDocument(ctx context.Context, s storage.Snapshot, typ, id string) (*storage.Document, error) {
	d, err := s.Get(ctx, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && d.Type != typ {
		return nil, fmt.Errorf("%s %q: %w", noun(typ), scim.Abbreviate(id), ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", noun(typ), err)
	}
	return d, nil
}

// document is readDocument in a view of its own.
func (r *Registry) document(ctx context.Context, typ, id string) (d *storage.Document, err error) {
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		d, err = readDocument(ctx, s, typ, id)
		return err
	})
	return d, err
}

// replace puts next in the place of old, with more in the batch, unless old was
// changed meanwhile, which is storage.ErrConflict.
func (r *Registry) replace(ctx context.Context, old, next *storage.Document, more storage.Batch) error {
	more.Guards = append(more.Guards, storage.AtRevision{ID: old.ID, Revision: old.Revision})
	more.Puts = append(more.Puts, storage.Put{Document: *next})
	if _, err := r.store.Apply(ctx, storage.System, more); err != nil {
		return fmt.Errorf("change %s: %w", noun(next.Type), err)
	}
	return nil
}
