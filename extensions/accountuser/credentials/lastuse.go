package credentials

import (
	"roster/auth/lastuse"
	"roster/extensions/accountuser/model"
	"roster/storage"
)

// noteUse notes that a credential is used now, unless that is known well enough.
// Nothing is written if the user changed meanwhile: the credential may be gone.
func (c *Credentials) noteUse(h held) {
	now := c.now()
	if now.Sub(h.used) < lastuse.Precision {
		return
	}
	c.uses.Note(h.account, h.id, storage.Batch{
		Guards: []storage.Guard{storage.AtRevision{ID: h.user.ID, Revision: h.user.Revision}},
		Sides:  []storage.Side{model.KeepSide(h.user.ID, usedPrefix+h.id, now)},
	})
}
