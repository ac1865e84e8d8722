package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roster/scim"
	"roster/storage"
)

// DeletedAccount is what is left of an account.
type DeletedAccount struct {
	ID, Name string
	Created  time.Time
	Deleted  time.Time // zero while its deletion goes on
	// RetainAudit is how long its audit is kept, as it was set.
	RetainAudit time.Duration
}

// deletedBody is the body of a deleted account's document. It has what the account
// had until all of that is gone, as its name and issuers are not free before.
type deletedBody struct {
	accountBody
	Deleted time.Time `json:"deleted,omitzero"`
}

// DeletedAccounts lists deleted accounts, and those whose deletion goes on, in the
// order of their ids, that is of their creation, starting after that id, "" for the
// first: at most limit, and at most 1000.
func (r *Registry) DeletedAccounts(ctx context.Context, after string, limit int) (list []DeletedAccount, err error) {
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		page, err := s.Query(ctx, storage.Query{
			Type: deletedType,
			Where: &storage.Leaf{
				Index: storage.IDIndex, Op: storage.Greater, Value: []byte(after), Text: "id gt",
				Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) { return d.ID > after, nil },
			},
			Sort:  &storage.Sort{Index: storage.IDIndex, Key: func(d *storage.Document) []byte { return []byte(d.ID) }},
			Limit: pageSize(limit),
		})
		if err != nil {
			return fmt.Errorf("list deleted accounts: %w", err)
		}
		for _, d := range page.Documents {
			var b deletedBody
			if err := decodeBody(d, &b); err != nil {
				return err
			}
			list = append(list, DeletedAccount{
				ID: d.ID, Name: b.Name, Created: d.Created, Deleted: b.Deleted,
				RetainAudit: time.Duration(b.Settings.Policy.resolve().RetainAudit),
			})
		}
		return nil
	})
	return list, err
}

// readDeletion returns an account, or one whose deletion has not ended.
func (r *Registry) readDeletion(ctx context.Context, id string) (d *storage.Document, b deletedBody, err error) {
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		d, err = s.Get(ctx, id)
		return err
	})
	if err == nil && (d.Type == accountType || d.Type == deletedType) {
		err = decodeBody(d, &b)
	} else if err == nil {
		err = storage.ErrNotFound
	}
	if errors.Is(err, storage.ErrNotFound) || !b.Deleted.IsZero() {
		err = fmt.Errorf("account %q: %w", scim.Abbreviate(id), ErrNotFound)
	}
	return d, b, err
}

// deleting is the key of accounts whose deletion has not ended.
func deleting(d *storage.Document) []byte {
	var b deletedBody
	if err := decodeBody(d, &b); err != nil || !b.Deleted.IsZero() {
		return nil
	}
	return []byte(d.ID)
}
