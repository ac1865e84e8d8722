package model

import (
	"net/http"
	"time"

	"roster/scim/provider"
	"roster/storage"
)

// Draft is a user while it is being changed. What is put along goes with the
// change in one batch, and makes a change even if the user stays the same.
type Draft struct {
	View                       // as the user shall be
	Before   View              // as it was; null for a new user
	Snapshot storage.Snapshot  // what the change is based on
	Document *storage.Document // as it is stored; nil for a new user
	Call     provider.Call
	ID       string
	Now      time.Time
	Settings Settings
	provider.Along
}

// hold binds what goes along to the user as it was read: nothing is sent to, or
// kept for, one who changed or went meanwhile. Side records move the document's
// revision, so that a removal that does not know them starts again.
func (d *Draft) hold() {
	if d.Document == nil {
		return
	}
	d.Rewrite = d.Rewrite || len(d.Sides) > 0
	if len(d.Sides)+len(d.Enqueue)+len(d.Counters) > 0 {
		d.Guards = append(d.Guards, storage.AtRevision{ID: d.ID, Revision: d.Document.Revision})
	}
}

// MustBe refuses a verb that is only for humans, or only for machines.
func (v View) MustBe(kind string) error {
	if v.IsMachine() == (kind == Machine) {
		return nil
	}
	return Refuse(http.StatusConflict, WrongType, "this is only for %s users; the user is none", kind)
}
