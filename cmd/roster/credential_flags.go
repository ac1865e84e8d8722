package main

import (
	"time"

	"roster/auth"
	"roster/cmd/internal/admin"
)

// grantFlags say what a credential is good for.
type grantFlags struct {
	Account string       `required:"" placeholder:"NAME" help:"Account that it opens."`
	Scope   []auth.Scope `default:"scim" help:"What may be done with it, separated by commas: scim for a connector, scim:read for one that only reads; roles for what the roles of --user allow."`
	User    string       `placeholder:"ID" help:"Id of the user whom it belongs to, and who is /Me for it."`
	Domain  string       `placeholder:"NAME" help:"Provisioning domain whose externalIds it sees and sets, such as okta; the account's own unless set. Clients of different domains do not overwrite each other's."`
	Expires lifetime     `default:"365d" placeholder:"TIME" help:"How long it works, such as 90d or 12h, at most 730d; 365d unless set."`
}

// rotationFlags say how one credential follows another.
type rotationFlags struct {
	ID      string   `arg:"" help:"Id of the credential, as list shows it."`
	Overlap lifetime `placeholder:"TIME" help:"How long the old one works on, at most 30d; 24h unless set."`
	Expires lifetime `placeholder:"TIME" help:"How long the new one works; as long as the old one was to unless set."`
}

func (f rotationFlags) rotation() admin.Rotation {
	return admin.Rotation{ID: f.ID, Overlap: time.Duration(f.Overlap), Lifetime: time.Duration(f.Expires)}
}

func (e environment) tellRotated(t admin.RotatedToken) {
	e.tell("made %s in the place of %s, which works until %s; revoke it before if it leaked", t.ID, t.Replaces, t.PreviousExpires.Format(time.RFC3339))
}
