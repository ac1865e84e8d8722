package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

const actionRegistrationBegun = "user.registration.begun"

const (
	maxBegun = 5   // registrations of a user that are under way
	maxName  = 200 // characters of the name of an authenticator
)

// Registration is a ceremony by which an authenticator is registered.
type Registration struct {
	ID      string
	Kind    Kind
	Options json.RawMessage // PublicKeyCredentialCreationOptions, for the browser
	Expires time.Time
}

// registration is what is kept of a ceremony that was begun.
type registration struct {
	Kind    Kind
	Session []byte
	Expires time.Time
	ByLink  bool
}

// Registered is the answer of a browser to a Registration.
type Registered struct {
	ID         string // of the registration
	Credential []byte // RegistrationResponseJSON
	Name       string // of the authenticator, for people; at most 200 characters, may be empty
}

// BeginRegistration starts to register an authenticator of a user. Of those that
// are begun at a time, the last five can be finished. It fails with
// already_enrolled if the user has twenty, and with wrong_type.
func (c *Credentials) BeginRegistration(ctx context.Context, call provider.Call, id string, kind Kind, pre provider.Precondition) (r Registration, _ model.View, err error) {
	v, err := c.Users.Edit(ctx, call, id, actionRegistrationBegun, pre, func(ctx context.Context, d *model.Draft) error {
		r, err = c.beginRegistration(ctx, d, kind, false)
		return err
	})
	return r, v, err
}

func (c *Credentials) beginRegistration(ctx context.Context, d *model.Draft, kind Kind, byLink bool) (Registration, error) {
	if err := d.MustBe(model.Human); err != nil {
		return Registration{}, err
	}
	known, err := authenticators(ctx, d.Snapshot, d.View, Passkey, U2F)
	if err != nil {
		return Registration{}, err
	}
	if len(known) >= maxAuthenticators {
		return Registration{}, model.Refuse(http.StatusConflict, model.AlreadyEnrolled, "the user has %d authenticators already; remove one first", len(known))
	}
	rp, err := c.relyingParty(d.Settings)
	if err != nil {
		return Registration{}, err
	}
	ceremony, err := rp.BeginRegistration(person(d.View, known), kind, d.Now)
	if err != nil {
		return Registration{}, err
	}
	r := Registration{ID: storage.NewID(), Kind: kind, Options: ceremony.Options, Expires: ceremony.Expires}
	kept := registration{Kind: kind, Session: ceremony.Session, Expires: r.Expires, ByLink: byLink}
	d.Sides = append(d.Sides, model.KeepSide(d.ID, registrationPrefix+r.ID, kept))
	return r, makeRoom(ctx, d)
}

// makeRoom drops the registrations that are over, and the oldest of too many.
func makeRoom(ctx context.Context, d *model.Draft) error {
	names, err := d.Snapshot.Sides(ctx, d.ID, registrationPrefix, "", 0)
	if err != nil {
		return err
	}
	left := len(names)
	for _, name := range names { // in order of time, because their ids are
		r, _, err := model.LoadSide[registration](ctx, d.Snapshot, d.ID, name)
		if err != nil {
			return err
		}
		if left >= maxBegun || !d.Now.Before(r.Expires) {
			d.Sides = append(d.Sides, model.DropSide(d.ID, name))
			left--
		}
	}
	return nil
}

// FinishRegistration enrols the authenticator that answered. It fails with a 404 if
// no registration of that kind was begun under that id, or another was finished;
// with expired, invalid_credential, and wrong_type.
func (c *Credentials) FinishRegistration(ctx context.Context, call provider.Call, id string, kind Kind, answer Registered, pre provider.Precondition) (f Factor, _ model.View, err error) {
	v, err := c.Users.Edit(ctx, call, id, actionFactorAdded, pre, func(ctx context.Context, d *model.Draft) error {
		f, err = c.finishRegistration(ctx, d, kind, answer, false)
		return err
	})
	return f, v, err
}

func (c *Credentials) finishRegistration(ctx context.Context, d *model.Draft, kind Kind, answer Registered, byLink bool) (Factor, error) {
	if err := d.MustBe(model.Human); err != nil {
		return Factor{}, err
	}
	if utf8.RuneCountInString(answer.Name) > maxName {
		return Factor{}, scim.BadRequest(scim.InvalidValue, "the name has more than %d characters", maxName)
	}
	begun, found, err := model.LoadSide[registration](ctx, d.Snapshot, d.ID, registrationPrefix+answer.ID)
	if err != nil {
		return Factor{}, err
	}
	if !found || begun.Kind != kind || begun.ByLink != byLink {
		return Factor{}, notThere("registration")
	}
	made, err := c.register(ctx, d, begun, answer.Credential)
	if err != nil {
		return Factor{}, err
	}
	f := Factor{ID: storage.NewID(), Type: string(kind), State: stateReady, Display: answer.Name}
	if f.Display == "" {
		f.Display = displays[kind]
	}
	putFactor(d, f)
	d.Sides = append(d.Sides, keepAuthenticator(d.ID, f.ID, made), model.DropSide(d.ID, registrationPrefix+answer.ID))
	return f, nil
}

var displays = map[Kind]string{Passkey: "Passkey", U2F: "Security key"}

// register ends the ceremony.
func (c *Credentials) register(ctx context.Context, d *model.Draft, begun registration, credential []byte) (factor.Authenticator, error) {
	known, err := authenticators(ctx, d.Snapshot, d.View, Passkey, U2F)
	if err != nil {
		return factor.Authenticator{}, err
	}
	rp, err := c.relyingParty(d.Settings)
	if err != nil {
		return factor.Authenticator{}, err
	}
	made, err := rp.FinishRegistration(person(d.View, known), begun.Session, credential, d.Now)
	switch {
	case errors.Is(err, factor.ErrExpired):
		err = expired("the registration")
	case errors.Is(err, factor.ErrCeremony):
		err = model.Refuse(http.StatusBadRequest, model.InvalidCredential, "the answer of the authenticator is not valid for this registration; begin again")
	}
	return made, err
}

// expired refuses what is over, used up, or never was: nothing tells which.
func expired(what string) error {
	return model.Refuse(http.StatusGone, model.Expired, "%s is not valid, or no longer; begin again", what)
}
