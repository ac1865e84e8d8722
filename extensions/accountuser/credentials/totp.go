package credentials

import (
	"context"
	"net/http"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// totp is what is kept of an authenticator app. The secret is sealed, because it is
// needed for each code.
type totp struct {
	Sealed []byte
	Step   int64 // of the last code that was taken
}

// Enrolment is what an authenticator app is set up with. It is shown once.
type Enrolment struct {
	Secret auth.Secret // in base32
	URL    auth.Secret // otpauth://totp/..., for a QR code
}

// BeginTOTP starts to enrol an authenticator app, which counts for nothing until
// ConfirmTOTP. One that was begun before is replaced. It fails with
// already_enrolled and wrong_type.
func (c *Credentials) BeginTOTP(ctx context.Context, call provider.Call, id string, pre provider.Precondition) (Enrolment, model.View, error) {
	var e Enrolment
	v, err := c.Users.Edit(ctx, call, id, actionFactorBegun, pre, func(_ context.Context, d *model.Draft) error {
		if err := d.MustBe(model.Human); err != nil {
			return err
		}
		if hasReady(d.View, TOTP) {
			return alreadyEnrolled(TOTP)
		}
		secret := factor.NewTOTP()
		e = Enrolment{Secret: secret, URL: factor.TOTPURL(secret, d.Settings.Name, d.Get("userName").Text())}
		c.putTOTP(d, secret, stateNotReady)
		return nil
	})
	return e, v, err
}

// ConfirmTOTP makes the authenticator app count that shows the code. The code is
// used up by it. It fails with invalid_code, with a 404 if no enrolment was begun,
// and with wrong_type.
func (c *Credentials) ConfirmTOTP(ctx context.Context, call provider.Call, id string, code auth.Secret, pre provider.Precondition) (Factor, model.View, error) {
	var f Factor
	v, err := c.Users.Edit(ctx, call, id, actionFactorAdded, pre, func(ctx context.Context, d *model.Draft) error {
		if err := d.MustBe(model.Human); err != nil {
			return err
		}
		begun, found := find(d.View, TOTP)
		if !found || begun.State == stateReady {
			return model.Refuse(http.StatusNotFound, model.NotFound, "no enrolment of an authenticator app was begun")
		}
		f = begun
		f.State = stateReady
		sides, right, err := c.checkTOTP(ctx, d.Snapshot, call.Account, d.ID, code)
		if err == nil && !right {
			err = model.Refuse(http.StatusBadRequest, model.InvalidCode, "the code is wrong; send the one that the app shows now")
		}
		d.Sides = append(d.Sides, sides...)
		putFactor(d, f)
		return err
	})
	return f, v, err
}

// putTOTP gives a user an authenticator app.
func (c *Credentials) putTOTP(d *model.Draft, secret auth.Secret, state string) {
	sealed := c.Key.Seal(use(forTOTP, d.Call.Account, d.ID), []byte(secret.Reveal()))
	d.Sides = append(d.Sides, model.KeepSide(d.ID, model.SideFactor+TOTP, totp{Sealed: sealed}))
	d.Rewrite = true
	putFactor(d, Factor{ID: TOTP, Type: typeTOTP, State: state, Display: "Authenticator app"})
}

// checkTOTP reports whether a code is right now, and was not taken before. What it
// returns has to be written with what the code is for.
func (c *Credentials) checkTOTP(ctx context.Context, s storage.Snapshot, account storage.Account, user string, code auth.Secret) ([]storage.Side, bool, error) {
	kept, found, err := model.LoadSide[totp](ctx, s, user, model.SideFactor+TOTP)
	if err != nil || !found {
		return nil, false, err
	}
	secret, err := c.Key.Open(use(forTOTP, account, user), kept.Sealed)
	if err != nil {
		return nil, false, err
	}
	step, right := factor.VerifyTOTP(auth.Secret(secret), code, c.now(), kept.Step)
	if !right {
		return nil, false, nil
	}
	kept.Step = step
	return []storage.Side{model.KeepSide(user, model.SideFactor+TOTP, kept)}, true, nil
}
