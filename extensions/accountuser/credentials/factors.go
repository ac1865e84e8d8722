package credentials

import (
	"context"
	"net/http"
	"strconv"

	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/storage"
)

// Ids of the factors of which a user has at most one.
const (
	TOTP     = "otp"
	SMS      = "otp-sms"
	Mail     = "otp-email"
	Recovery = "recovery-codes"
)

// Types of factors.
const (
	typeTOTP     = "otp"
	typeSMS      = "otpSms"
	typeMail     = "otpEmail"
	typeRecovery = "recoveryCodes"
)

const (
	stateNotReady = "notReady"
	stateReady    = "ready"
)

const (
	actionFactorBegun   = "user.factor.begun"
	actionFactorAdded   = "user.factor.added"
	actionFactorRemoved = "user.factor.removed"
)

// Factor is a second factor of a user, or a passkey.
type Factor struct {
	ID        string // see TOTP and the like; else a UUID
	Type      string // otp, otpSms, otpEmail, recoveryCodes, u2f or passkey
	State     string // notReady or ready
	Display   string
	Remaining int // recovery codes that are left
}

// factorsOf lists all factors of a user.
func factorsOf(ctx context.Context, s storage.Snapshot, v model.View) ([]Factor, error) {
	var list []Factor
	for _, e := range v.A("authFactors").Elements() {
		f := factorOf(e)
		if f.Type == typeRecovery {
			kept, _, err := model.LoadSide[recoveryCodes](ctx, s, v.ID(), model.SideFactor+Recovery)
			if err != nil {
				return nil, err
			}
			f.Remaining = len(kept.Hashes)
		}
		list = append(list, f)
	}
	return list, nil
}

func factorOf(e scim.Value) Factor {
	return Factor{ID: e.Get("value").Text(), Type: e.Get("type").Text(), State: e.Get("state").Text(), Display: e.Get("display").Text()}
}

func (f Factor) value() scim.Value {
	return scim.ObjectValue(
		scim.Member{Name: "value", Value: scim.StringValue(f.ID)},
		scim.Member{Name: "type", Value: scim.StringValue(f.Type)},
		scim.Member{Name: "state", Value: scim.StringValue(f.State)},
		scim.Member{Name: "display", Value: scim.StringValue(f.Display)},
	)
}

// find returns the factor of a user with that id.
func find(v model.View, id string) (Factor, bool) {
	for _, e := range v.A("authFactors").Elements() {
		if f := factorOf(e); f.ID == id {
			return f, true
		}
	}
	return Factor{}, false
}

// hasReady reports whether a user has the factor, and it can be used.
func hasReady(v model.View, id string) bool {
	f, found := find(v, id)
	return found && f.State == stateReady
}

// putFactor adds a factor to a user, or puts it in the place of the one with its
// id.
func putFactor(d *model.Draft, f Factor) {
	d.View = d.With("authFactors", replaced(d.A("authFactors"), f.ID, f.value()))
}

// dropFactor removes a factor with what is kept of it.
func dropFactor(d *model.Draft, f Factor) {
	d.View = d.With("authFactors", replaced(d.A("authFactors"), f.ID, scim.Value{}))
	d.Sides = append(d.Sides, model.DropSide(d.ID, model.SideFactor+f.ID), model.DropSide(d.ID, sentPrefix+f.ID))
}

// replaced returns a list in which another element has the place of the one with
// that value, or is added at the end; null takes it away.
func replaced(list scim.Value, value string, by scim.Value) scim.Value {
	var elements []scim.Value
	for _, e := range list.Elements() {
		switch {
		case e.Get("value").Text() != value:
			elements = append(elements, e)
		case !by.IsNull():
			elements, by = append(elements, by), scim.Value{}
		}
	}
	if !by.IsNull() {
		elements = append(elements, by)
	}
	if len(elements) == 0 {
		return scim.Value{}
	}
	return scim.ArrayValue(elements...)
}

// notThere refuses what names something that the user does not have, also because
// another user has it.
func notThere(what string) error {
	return model.Refuse(http.StatusNotFound, model.NotFound, "the user has no such %s", what)
}

// alreadyEnrolled refuses a second factor of a kind of which there is one.
func alreadyEnrolled(id string) error {
	return model.Refuse(http.StatusConflict, model.AlreadyEnrolled, "the user has the factor %s already; remove it first", strconv.Quote(id))
}
