package credentials

import (
	"context"
	"net/http"
	"time"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// Types of machine credentials.
const (
	typeSecret = "secret"
	typeKey    = "key"
	typePAT    = "pat"
)

// credential is what a user shows of a credential of a machine.
type credential struct {
	id, kind, display string
	created, expires  time.Time // expires is zero if it does not
}

func (m credential) value() scim.Value {
	v := scim.ObjectValue(
		scim.Member{Name: "value", Value: scim.StringValue(m.id)},
		scim.Member{Name: "type", Value: scim.StringValue(m.kind)},
	)
	if m.display != "" {
		v = v.With("display", scim.StringValue(m.display))
	}
	return v.With("createdAt", model.TimeValue(m.created)).With("expiresAt", model.TimeValue(m.expires))
}

// credentialsOf lists the credentials of a type that a user has, oldest first.
func credentialsOf(v model.View, kind string) []credential {
	var list []credential
	for _, e := range v.A("credentials").Elements() {
		if e.Get("type").Text() != kind {
			continue
		}
		list = append(list, credential{
			id: e.Get("value").Text(), kind: kind, display: e.Get("display").Text(),
			created: timeOf(e, "createdAt"), expires: timeOf(e, "expiresAt"),
		})
	}
	return list
}

func timeOf(e scim.Value, name string) time.Time {
	t, err := time.Parse(time.RFC3339, e.Get(name).Text())
	if err != nil {
		return time.Time{}
	}
	return t
}

func findCredential(v model.View, kind, id string) (credential, bool) {
	for _, m := range credentialsOf(v, kind) {
		if m.id == id {
			return m, true
		}
	}
	return credential{}, false
}

// maxCredentials bounds the credentials of a machine: each of them makes every
// change of it dearer.
const maxCredentials = 100

// addCredential gives a machine a credential, of which the record is kept beside it.
func addCredential(d *model.Draft, m credential, record any) error {
	if n := d.A("credentials").Len(); n >= maxCredentials {
		return model.Refuse(http.StatusConflict, model.AlreadyEnrolled, "the machine has %d credentials already; remove those that are not used", n)
	}
	d.View = d.With("credentials", replaced(d.A("credentials"), m.id, m.value()))
	d.Sides = append(d.Sides, model.KeepSide(d.ID, recordOf[m.kind]+m.id, record))
	return nil
}

// dropCredential takes a credential from a machine with what is kept of it.
func dropCredential(d *model.Draft, m credential) {
	d.View = d.With("credentials", replaced(d.A("credentials"), m.id, scim.Value{}))
	d.Sides = append(d.Sides, model.DropSide(d.ID, recordOf[m.kind]+m.id), model.DropSide(d.ID, usedPrefix+m.id))
}

// removeCredential is the verb of dropCredential. It fails with a 404 if the
// machine has no such credential.
func (c *Credentials) removeCredential(ctx context.Context, call provider.Call, id, action, kind, credentialID string, pre provider.Precondition) (model.View, error) {
	return c.Users.Edit(ctx, call, id, action, pre, func(_ context.Context, d *model.Draft) error {
		if err := d.MustBe(model.Machine); err != nil {
			return err
		}
		m, found := findCredential(d.View, kind, credentialID)
		if !found {
			return notThere(kind)
		}
		dropCredential(d, m)
		return nil
	})
}

// recordOf is the beginning of the name of a record, by the type.
var recordOf = map[string]string{typeSecret: model.SideSecret, typeKey: model.SideKey, typePAT: model.SideToken}

// checkExpiry refuses a time that is over; the zero time is none.
func checkExpiry(expires, now time.Time) error {
	if !expires.IsZero() && !expires.After(now) {
		return scim.BadRequest(scim.InvalidValue, "expiresAt is over already; name a time to come, or leave it out")
	}
	return nil
}

// readMachine reads a machine. It fails with a 404 and with wrong_type.
func (c *Credentials) readMachine(ctx context.Context, call provider.Call, id string, do func(storage.Snapshot, model.View) error) error {
	return c.read(ctx, call, id, func(s storage.Snapshot, v model.View) error {
		if err := v.MustBe(model.Machine); err != nil {
			return err
		}
		return do(s, v)
	})
}
