// Package model is the core of the account model: its schemas, the state machine
// of users, the rules that hold for a user on every way in, and the verbs that
// SCIM cannot say.
//
// It promises: a user's status follows from what was done to it by the table in
// state.go and by nothing else; a verb and a SCIM request that mean the same end
// in the same change; whatever a change carries along (credentials that die, mail
// that is sent) is in the batch of the change.
package model

import (
	"context"
	"net/http"
	"time"

	"roster/extensions"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/storage"
)

// Config of a Model.
type Config struct {
	// Settings returns what an account wants. Required.
	Settings func(ctx context.Context, account storage.Account) (Settings, error)
	// Accounts lists the accounts of the server, for what concerns all of them.
	// Default: none.
	Accounts func(ctx context.Context) ([]storage.Account, error)
	Now      func() time.Time // default time.Now
}

// Settings of an account, with every default filled in.
type Settings struct {
	ID, Name             string
	MailDomains          []string // lower-case ASCII (IDNA); none: any domain
	InvitationLifetime   time.Duration
	VerificationLifetime time.Duration // of codes and links for mail and phone
	ResetLifetime        time.Duration // of a password reset
	PasswordMin          int           // characters
	MaxFailedLogins      int
	RetainRemoved        time.Duration
	DefaultRoles         []string // of users made by the companion API
	Language             string
	// Links are where the account's application redeems what is sent to users: URLs
	// with LinkToken in them, by LinkInvitation and so on. Without one, messages
	// carry the token itself.
	Links map[string]string
}

// Model holds for every account of a server. It may be used concurrently.
type Model struct{ Config }

// New returns a model.
func New(c Config) *Model {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Accounts == nil {
		c.Accounts = func(context.Context) ([]storage.Account, error) { return nil, nil }
	}
	return &Model{c}
}

// Users changes users of a server, by verbs that SCIM does not have. Every rule
// of the server holds.
//
// Verbs take the call that they are made for, the id of the user, and a
// precondition on the user's entity tag, which may be nil; they return the user as
// it is stored then. For a user who is not there, or was removed, they fail with a
// 404; what else is refused is a [Refusal] or a *scim.Error. What is so already is
// no change, but for the verbs of the state machine, which refuse it.
type Users struct {
	*Model
	extensions.Host
	Type *schema.ResourceType

	// Verifier is asked for a message when an address is set that nobody verified.
	// Without one, none is sent.
	Verifier Verifier
	// Grants tells which roles and entitlements verbs may give. Without it, any.
	Grants Grants
}

// Channel is how a user is reached.
type Channel string

// The channels.
const (
	ByEmail Channel = "email"
	ByPhone Channel = "phone"
)

// Verifier sends users what they prove with that an address is theirs.
type Verifier interface {
	// StartVerification adds the message, and what it is checked by, to the draft.
	// What was sent before is worth nothing then.
	StartVerification(ctx context.Context, d *Draft, channel Channel) error
}

// Grants knows what users can be given. A check fails with a Refusal that names
// the first value that is unknown.
type Grants interface {
	CheckRoles(ctx context.Context, s storage.Snapshot, roles []string) error
	CheckEntitlements(ctx context.Context, s storage.Snapshot, entitlements []string) error
}

// Users returns the verbs for a server.
func (m *Model) Users(h extensions.Host) *Users {
	return &Users{Model: m, Host: h, Type: h.Type(User)}
}

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

// Edit changes the user with that id. do is called anew for each attempt. It
// fails with a 404 if there is no such user.
func (u *Users) Edit(ctx context.Context, c provider.Call, id, action string, pre provider.Precondition, do func(context.Context, *Draft) error) (View, error) {
	return u.edit(ctx, c, id, provider.Edit{Way: provider.Modify, Action: action, Precondition: pre}, do)
}

// Create makes a user; do starts with an empty one.
func (u *Users) Create(ctx context.Context, c provider.Call, action string, do func(context.Context, *Draft) error) (View, error) {
	return u.edit(ctx, c, storage.NewID(), provider.Edit{Way: provider.Create, Action: action}, do)
}

func (u *Users) edit(ctx context.Context, c provider.Call, id string, e provider.Edit, do func(context.Context, *Draft) error) (View, error) {
	if c.Source == "" {
		c.Source = SourceAPI
	}
	settings, err := u.Config.Settings(ctx, c.Account)
	if err != nil {
		return View{}, err
	}
	if do == nil {
		r, err := u.Provider.Edit(ctx, c, u.Type, id, e)
		return Of(r), err
	}
	e.Compute = func(ctx context.Context, s storage.Snapshot, document *storage.Document, before scim.Resource) (scim.Resource, provider.Along, error) {
		d := &Draft{View: Of(before), Before: Of(before), Snapshot: s, Document: document, Call: c, ID: id, Now: u.Now().UTC(), Settings: settings}
		err := do(ctx, d)
		d.hold()
		return d.Resource, d.Along, err
	}
	r, err := u.Provider.Edit(ctx, c, u.Type, id, e)
	return Of(r), err
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

// Get returns a user with everything that is stored of it, and what pr wants of
// the rest. It fails with a 404.
func (u *Users) Get(ctx context.Context, c provider.Call, id string, pr provider.Projection) (View, error) {
	r, err := u.Provider.Read(ctx, c, u.Type, id, pr)
	return Of(r), err
}

// MustBe refuses a verb that is only for humans, or only for machines.
func (v View) MustBe(kind string) error {
	if v.IsMachine() == (kind == Machine) {
		return nil
	}
	return Refuse(http.StatusConflict, WrongType, "this is only for %s users; the user is none", kind)
}
