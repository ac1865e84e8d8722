package credentials

import (
	"context"
	"time"

	"roster/auth/lastuse"
	"roster/extensions/accountuser/model"
	"roster/storage"
)

// lastUse is when a credential of a machine was last used.
type lastUse struct {
	account          storage.Account
	user, credential string
	revision         uint64 // of the user
	at               time.Time
}

func readUse(ctx context.Context, s storage.Snapshot, h Holder, revision uint64) (lastUse, error) {
	at, _, err := model.LoadSide[time.Time](ctx, s, h.User, usedPrefix+h.Credential)
	return lastUse{h.Account, h.User, h.Credential, revision, at}, err
}

// noteUse notes that a credential is used now, unless that is known well enough.
// Nothing is written if the user changed meanwhile: the credential may be gone.
func (c *Credentials) noteUse(use lastUse, now time.Time) {
	if now.Sub(use.at) < lastuse.Precision {
		return
	}
	c.uses.Note(use.account, use.credential, storage.Batch{
		Guards: []storage.Guard{storage.AtRevision{ID: use.user, Revision: use.revision}},
		Sides:  []storage.Side{model.KeepSide(use.user, usedPrefix+use.credential, now)},
	})
}
