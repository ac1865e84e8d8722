package credentials

import (
	"context"
	"errors"

	"roster/auth"
	"roster/scim/provider"
	"roster/storage"
)

const actionRecoveryCodeUsed = "user.recoveryCode.used"

// Answer is what a user shows of a factor: a code, or the answer of an
// authenticator.
type Answer struct {
	FactorID   string      // of the factor that the code is of; not used with a Credential
	Code       auth.Secret // as the user typed it
	Credential []byte      // AuthenticationResponseJSON
}

// errWrong: an answer is not right.
var errWrong = errors.New("the answer is wrong")

// attempts is how often a login is judged anew because the user changed meanwhile.
const attempts = 10

// AnswerFactor ends a login by its second factor, or by a passkey. The transaction
// is used up when it succeeds. It fails with authentication_failed, and with
// expired if the transaction is over, was used, or the password was changed.
func (c *Credentials) AnswerFactor(ctx context.Context, call provider.Call, text auth.Secret, a Answer) (Authentication, error) {
	t, err := c.open(call, text)
	if err != nil {
		return Authentication{}, err
	}
	leave, err := c.enter(ctx, call, t.User)
	if err != nil {
		return Authentication{}, err
	}
	defer leave()
	for range attempts {
		u, err := c.answer(ctx, call, t, a)
		switch {
		case isConflict(err):
			continue
		case errors.Is(err, errWrong):
			return Authentication{}, c.fail(ctx, call, u, t.byPassword())
		case err != nil:
			return Authentication{}, err
		}
		return Authentication{
			User: u.id, PasswordChangeRequired: t.byPassword() && u.A("passwordChangeRequired").Bool(),
		}, nil
	}
	return Authentication{}, provider.Busy
}

// answer judges an answer and makes one that is right count. It fails with errWrong,
// and with storage.ErrConflict if the user was changed meanwhile. That a recovery
// code was used is an edit of the user, so that it is in the history.
func (c *Credentials) answer(ctx context.Context, call provider.Call, t transaction, a Answer) (*candidate, error) {
	settings, err := c.Users.Config.Settings(ctx, call.Account)
	if err != nil {
		return nil, err
	}
	u := &candidate{account: call.Account, settings: settings}
	judge := func(ctx context.Context, s storage.Snapshot) (along provider.Along, err error) {
		if u, err = readCandidate(ctx, s, call.Account, t.User, settings); err == nil {
			along, err = c.judge(ctx, s, u, t, a)
		}
		return along, err
	}
	if a.FactorID == Recovery && a.Credential == nil {
		err = c.editWith(ctx, call, t.User, actionRecoveryCodeUsed, judge)
	} else {
		err = c.applyWith(ctx, call, judge)
	}
	return u, err
}

// judge returns what makes an answer count that is right.
func (c *Credentials) judge(ctx context.Context, s storage.Snapshot, u *candidate, t transaction, a Answer) (along provider.Along, err error) {
	if !u.mayTry() {
		return along, errWrong
	}
	if err := t.holds(ctx, s, u); err != nil {
		return along, err
	}
	proof, right, err := c.prove(ctx, s, u, t, a)
	if err == nil && !right {
		err = errWrong
	}
	if err != nil {
		return along, err
	}
	spent, err := t.spend(ctx, s, c.now())
	along.Sides = append(proof, spent...)
	u.settle(&along)
	return along, err
}

// prove checks the answer, and returns what has to be written with the success so
// that it cannot be given again.
func (c *Credentials) prove(ctx context.Context, s storage.Snapshot, u *candidate, t transaction, a Answer) ([]storage.Side, bool, error) {
	switch {
	case a.Credential != nil:
		return c.checkCredential(ctx, s, u, t, a.Credential)
	case !t.byPassword() || !hasReady(u.View, a.FactorID):
		return nil, false, nil
	case a.FactorID == TOTP:
		return c.checkTOTP(ctx, s, u.account, u.id, a.Code)
	case a.FactorID == Recovery:
		return c.checkRecoveryCode(ctx, s, u.account, u.id, a.Code)
	}
	return c.checkSent(ctx, s, u, t, a)
}
