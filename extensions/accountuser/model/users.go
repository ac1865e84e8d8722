package model

import (
	"context"

	"roster/extensions"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/schema"
	"roster/storage"
)

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
	e.Compute = func(ctx context.Context, s storage.Snapshot, document *storage.Document, before scim.Resource) (scim.Resource, provider.Along, error) {
		d := &Draft{View: Of(before), Before: Of(before), Snapshot: s, Document: document, Call: c, ID: id, Now: u.Now().UTC(), Settings: SettingsFrom(ctx)}
		err := do(ctx, d)
		d.hold()
		return d.Resource, d.Along, err
	}
	r, err := u.Provider.Edit(ctx, c, u.Type, id, e)
	return Of(r), err
}

// Get returns a user with everything that is stored of it, and what pr wants of
// the rest. It fails with a 404.
func (u *Users) Get(ctx context.Context, c provider.Call, id string, pr provider.Projection) (View, error) {
	r, err := u.Provider.Read(ctx, c, u.Type, id, pr)
	return Of(r), err
}
