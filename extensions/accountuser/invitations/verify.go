package invitations

import (
	"context"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// VerifyByToken verifies an e-mail address by the token that was sent there.
func (i *Invitations) VerifyByToken(ctx context.Context, c provider.Call, token auth.Secret) (Redemption, error) {
	return i.redeem(ctx, c, emailVerification, token, addresses[model.ByEmail].confirm)
}

// Code is what somebody types in who was sent a code.
type Code struct {
	Account, User string // ids
	Channel       model.Channel
	Code          auth.Secret
}

// VerifyByCode verifies an e-mail address or phone number by the code that was sent
// there. Everything that can be wrong is refused alike, with invalid_code (400):
// account, user, channel or code, too many guesses, or that nothing is pending.
func (i *Invitations) VerifyByCode(ctx context.Context, c provider.Call, typed Code) (Redemption, error) {
	a, known := addresses[typed.Channel]
	if !known || !isAccount(typed.Account) {
		return Redemption{}, invalidCode()
	}
	use := a.use(storage.Account(typed.Account), typed.User)
	sent, err := i.look(ctx, a.errand, use)
	if err != nil {
		return Redemption{}, err
	}
	right, err := i.guess(ctx, a.errand, use, sent, typed.Code)
	if err != nil {
		return Redemption{}, err
	}
	if !right {
		return Redemption{}, invalidCode()
	}
	return i.complete(ctx, c, presented{a.errand, use, sent, invalidCode()}, a.confirm)
}

// guess reports whether a code is the one that was sent. It is counted first.
func (i *Invitations) guess(ctx context.Context, e errand, use factor.Use, sent challenge, code auth.Secret) (bool, error) {
	if len(sent.Code) == 0 {
		return false, nil
	}
	left, err := i.takeGuess(ctx, storage.Account(use.Account), e, use.User)
	return left && i.Key.CodeMatches(use, code, sent.Code), err
}

// confirm notes that the address is the user's.
func (a address) confirm(d *model.Draft) error {
	d.View = d.With(a.verified, scim.BoolValue(true))
	return nil
}

// isAccount reports whether a text is such as the ids of accounts are. It keeps
// whoever is not logged in away from what the server stores for itself.
func isAccount(text string) bool {
	_, minted := storage.IDTime(text)
	return minted
}
