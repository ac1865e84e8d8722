package registry

import (
	"bytes"
	"context"
	"encoding/binary"
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

// Indexes returns what the store's catalogue must hold.
func Indexes() []storage.Index {
	return []storage.Index{
		{Type: accountType, Name: nameIndex, Form: "1", Extract: extract(accountName)},
		{Type: accountType, Name: issuerIndex, Form: "1", Multi: true, Extract: accountIssuers},
		{Type: deletedType, Name: deletingIndex, Form: "1", Extract: extract(deleting)},
		{Type: tokenType, Name: accountIndex, Form: "1", Extract: extract(tokenAccount)},
		{Type: tokenType, Name: clientIndex, Form: "1", Extract: extract(tokenClient)},
	}
}

// extract makes an index of a key; a document without one is not in it.
func extract(key func(*storage.Document) []byte) func(*storage.Document) ([][]byte, []byte) {
	return func(d *storage.Document) ([][]byte, []byte) {
		k := key(d)
		if len(k) == 0 {
			return nil, nil
		}
		return [][]byte{k}, k
	}
}

func accountName(d *storage.Document) []byte {
	var b accountBody
	_ = decodeBody(d, &b) // a body that is none has no name
	return []byte(b.Name)
}

func tokenAccount(d *storage.Document) []byte {
	var b tokenBody
	_ = decodeBody(d, &b)
	return []byte(b.Account)
}

// tokenClient is the key of credentials that the token endpoint takes.
func tokenClient(d *storage.Document) []byte {
	var b tokenBody
	_ = decodeBody(d, &b)
	if !b.Form.isOfClient() || !b.Revoked.IsZero() {
		return nil
	}
	return clientKey(b.Client, b.Expires)
}

// clientKey sorts by client and then by expiry.
func clientKey(client string, expires time.Time) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(client), 0), uint64(expires.UnixMilli()))
}

// accountsAfter is a page of accounts by name.
func accountsAfter(name string, limit int) storage.Query {
	return storage.Query{
		Type: accountType,
		Where: &storage.Leaf{
			Index: nameIndex, Op: storage.Greater, Value: []byte(name), Text: "account:name gt",
			Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
				return bytes.Compare(accountName(d), []byte(name)) > 0, nil
			},
		},
		Sort:  &storage.Sort{Index: nameIndex, Key: accountName},
		Limit: pageSize(limit),
	}
}

// tokensAfter is a page of an account's tokens by id, that is by creation.
func tokensAfter(account, id string, limit int) storage.Query {
	return storage.Query{
		Type: tokenType,
		Where: storage.And{
			&storage.Leaf{
				Index: accountIndex, Op: storage.Equal, Value: []byte(account), Text: "token:account eq",
				Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
					return string(tokenAccount(d)) == account, nil
				},
			},
			&storage.Leaf{
				Index: storage.IDIndex, Op: storage.Greater, Value: []byte(id), Text: "id gt",
				Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) { return d.ID > id, nil },
			},
		},
		Limit: pageSize(limit),
	}
}

// tokensOfClient are the credentials of a client that may be used at a time, the
// latest first.
func tokensOfClient(client string, now time.Time) storage.Query {
	bound := func(op storage.Op, value []byte, text string, within func(order int) bool) *storage.Leaf {
		return &storage.Leaf{
			Index: clientIndex, Op: op, Value: value, Text: text,
			Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
				key := tokenClient(d)
				return key != nil && within(bytes.Compare(key, value)), nil
			},
		}
	}
	return storage.Query{
		Type: tokenType,
		Where: storage.And{
			bound(storage.Greater, clientKey(client, now), "token:client gt", func(order int) bool { return order > 0 }),
			bound(storage.Less, append([]byte(client), 1), "token:client lt", func(order int) bool { return order < 0 }),
		},
		Sort:  &storage.Sort{Descending: true},
		Limit: maxPage,
	}
}

func pageSize(limit int) int {
	if limit < 1 || limit > maxPage {
		return maxPage
	}
	return limit
}

// newDocument makes a document whose id NewID minted.
func newDocument(typ, id string, now time.Time, body []byte) *storage.Document {
	created, _ := storage.IDTime(id)
	return &storage.Document{
		Type: typ, ID: id, Version: storage.NewID(),
		Created: created, Modified: now, Body: body,
	}
}

func decodeBody(d *storage.Document, body any) error {
	if err := json.Unmarshal(d.Body, body); err != nil {
		return fmt.Errorf("decode %s %s: %w", d.Type, d.ID, err)
	}
	return nil
}

// readDocument returns the document of that type, or ErrNotFound.
func readDocument(ctx context.Context, s storage.Snapshot, typ, id string) (*storage.Document, error) {
	d, err := s.Get(ctx, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && d.Type != typ {
		return nil, fmt.Errorf("%s %q: %w", typ, scim.Abbreviate(id), ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", typ, err)
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
		return fmt.Errorf("change %s: %w", next.Type, err)
	}
	return nil
}
