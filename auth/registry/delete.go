package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"roster/storage"
)

// DeleteAccount removes an account for good, with its credentials and everything in
// it but its log. From its first step on nobody can enter it, and Account does not
// find it any more. Whoever is in it already may write until all is erased, and
// finds storage.ErrErased from then on. When all is gone, its name and issuers are
// free, and it is listed among DeletedAccounts. After an error the deletion may have
// begun: it goes on with another call, or with ResumeDeletions. It fails with
// ErrNotFound, also for one that is deleted.
func (r *Registry) DeleteAccount(ctx context.Context, id string) error {
	if err := r.beginDeletion(ctx, id); err != nil {
		return err
	}
	return r.endDeletion(ctx, id)
}

// ResumeDeletions ends the deletions that were begun. Call it at start.
func (r *Registry) ResumeDeletions(ctx context.Context) error {
	for {
		var begun []*storage.Document
		err := r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
			page, err := s.Query(ctx, storage.Query{
				Type: deletedType,
				Where: &storage.Leaf{
					Index: deletingIndex, Op: storage.Present, Text: "account:deleting pr",
					Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) { return deleting(d) != nil, nil },
				},
				Limit: maxPage,
			})
			begun = page.Documents
			return err
		})
		if err != nil {
			return fmt.Errorf("look up deletions: %w", err)
		}
		for _, d := range begun {
			if err := r.endDeletion(ctx, d.ID); err != nil {
				return err
			}
		}
		if len(begun) < maxPage {
			return nil
		}
	}
}

// beginDeletion gives the account's document another type. So whatever has an
// account as its guard fails from now on.
func (r *Registry) beginDeletion(ctx context.Context, id string) error {
	// Also after an error: it may be about the answer, not the change.
	defer r.accounts.drop(id)
	return retry(ctx, func() error {
		old, b, err := r.readDeletion(ctx, id)
		if err != nil || old.Type == deletedType {
			return err
		}
		defer r.forgetTrusts(b.Settings.Issuers)
		d := *old
		d.Type, d.Version, d.Modified = deletedType, storage.NewID(), r.clock()
		return r.replace(ctx, old, &d, storage.Batch{
			Effects: r.event(ctx, "account.deleting", id, accountDetail{Name: b.Name}),
		})
	})
}

// endDeletion may run several times at once.
func (r *Registry) endDeletion(ctx context.Context, id string) error {
	if err := r.removeTokens(ctx, id); err != nil {
		return err
	}
	if err := r.store.Erase(ctx, storage.Account(id)); err != nil {
		return fmt.Errorf("erase account %s: %w", id, err)
	}
	err := retry(ctx, func() error { return r.bury(ctx, id) })
	if errors.Is(err, ErrNotFound) { // somebody else was faster
		return nil
	}
	return err
}

// bury leaves of a deleted account what DeletedAccount says.
func (r *Registry) bury(ctx context.Context, id string) error {
	old, b, err := r.readDeletion(ctx, id)
	if err != nil {
		return err
	}
	batch, err := r.share(ctx, b.Settings.Issuers, nil)
	if err != nil {
		return err
	}
	now := r.clock()
	body, err := json.Marshal(deletedBody{accountBody{Name: b.Name, Settings: Settings{Policy: Policy{RetainAudit: b.Settings.Policy.RetainAudit}}}, now})
	if err != nil {
		return fmt.Errorf("encode deleted account: %w", err)
	}
	d := newDocument(deletedType, id, now, body)
	batch.Effects = r.event(ctx, "account.deleted", id, accountDetail{Name: b.Name})
	return r.replace(ctx, old, d, batch)
}

// removeTokens removes the credentials of an account. What was not revoked yet is
// told to be so now.
func (r *Registry) removeTokens(ctx context.Context, account string) error {
	const step = 100
	for {
		var page storage.Page
		err := r.store.View(ctx, storage.System, func(s storage.Snapshot) (err error) {
			page, err = s.Query(ctx, tokensAfter(account, "", step))
			return err
		})
		if err != nil || len(page.Documents) == 0 {
			return err
		}
		err = r.removeAll(ctx, page.Documents)
		// What somebody else changed or removed meanwhile is looked for again.
		if err != nil && !errors.Is(err, storage.ErrConflict) && !errors.Is(err, storage.ErrNotFound) {
			return fmt.Errorf("remove credentials: %w", err)
		}
	}
}

func (r *Registry) removeAll(ctx context.Context, tokens []*storage.Document) error {
	var batch storage.Batch
	for _, d := range tokens {
		var b tokenBody
		if err := decodeBody(d, &b); err != nil {
			return err
		}
		// Also after an error: it may be about the answer, not the change.
		defer r.forget(b)
		batch.Guards = append(batch.Guards, storage.AtRevision{ID: d.ID, Revision: d.Revision})
		batch.Deletes = append(batch.Deletes, storage.Delete{ID: d.ID})
		if b.Revoked.IsZero() {
			batch.Events = append(batch.Events, r.event(ctx, "token.revoked", b.Account, b.detail(d.ID)).Events...)
		}
	}
	_, err := r.store.Apply(ctx, storage.System, batch)
	return err
}
