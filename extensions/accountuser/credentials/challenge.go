package credentials

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"roster/auth"
	"roster/auth/factor"
	"roster/extensions/accountuser/model"
	"roster/extensions/notify"
	"roster/scim/provider"
	"roster/storage"
)

const (
	codeLength = 6
	// Codes that a user is sent in a time: whoever has the password cannot make the
	// server send without end.
	maxSent    = 5
	sentWithin = 15 * time.Minute
)

// Challenge is what a user needs for the answer.
type Challenge struct {
	SentTo  string          // where a code was sent to, in part: +49•••456
	Options json.RawMessage // PublicKeyCredentialRequestOptions, for the browser
}

// sentCode is what is kept of the code that was sent last.
type sentCode struct {
	Transaction string // the only one that it is for
	Hash        []byte
	Expires     time.Time
	Sent        []time.Time // this one and those not long before
}

// Challenge prepares a factor for AnswerFactor: SMS or Mail sends a code, which
// takes the place of the last one; U2F, or the id of a security key, returns what to
// ask of it. It fails with a 404 if the user has no such factor that needs a
// challenge, with expired, and with too_many_requests.
func (c *Credentials) Challenge(ctx context.Context, call provider.Call, text auth.Secret, factorID string) (Challenge, error) {
	t, err := c.open(call, text)
	if err != nil {
		return Challenge{}, err
	}
	leave, err := c.enter(ctx, call, t.User)
	if err != nil {
		return Challenge{}, err
	}
	defer leave()
	for range attempts {
		ch, err := c.challenge(ctx, call, t, factorID)
		if !isConflict(err) {
			return ch, err
		}
	}
	return Challenge{}, provider.Busy
}

func (c *Credentials) challenge(ctx context.Context, call provider.Call, t transaction, factorID string) (ch Challenge, err error) {
	settings, err := c.Users.Config.Settings(ctx, call.Account)
	if err != nil {
		return ch, err
	}
	err = c.applyWith(ctx, call, func(ctx context.Context, s storage.Snapshot) (along provider.Along, err error) {
		u, err := readCandidate(ctx, s, call.Account, t.User, settings)
		if err != nil {
			return along, err
		}
		if !u.mayTry() || !t.byPassword() {
			return along, expired("the transaction")
		}
		if err := t.holds(ctx, s, u); err != nil {
			return along, err
		}
		u.hold(&along)
		ch, err = c.ask(ctx, s, u, t, factorID, &along)
		return along, err
	})
	return ch, err
}

// ask puts along what makes up the challenge.
func (c *Credentials) ask(ctx context.Context, s storage.Snapshot, u *candidate, t transaction, factorID string, along *provider.Along) (Challenge, error) {
	if ch, sends := channels[factorID]; sends && hasReady(u.View, factorID) && ch.works(u.View) {
		return c.send(ctx, s, u, t, ch, along)
	}
	keys, err := authenticators(ctx, s, u.View, U2F)
	if err != nil {
		return Challenge{}, err
	}
	var asked []enrolled
	for _, key := range keys {
		if factorID == string(U2F) || factorID == key.id {
			asked = append(asked, key)
		}
	}
	if len(asked) == 0 {
		return Challenge{}, notThere("factor that needs a challenge")
	}
	return c.askKeys(u, t, asked, along)
}

// send puts a code along that is sent to the user.
func (c *Credentials) send(ctx context.Context, s storage.Snapshot, u *candidate, t transaction, ch channel, along *provider.Along) (Challenge, error) {
	name := sentPrefix + ch.factor.ID
	last, _, err := model.LoadSide[sentCode](ctx, s, u.id, name)
	if err != nil {
		return Challenge{}, err
	}
	now := c.now()
	sent := []time.Time{now}
	for _, at := range last.Sent {
		if now.Sub(at) < sentWithin {
			sent = append(sent, at)
		}
	}
	if len(sent) > maxSent {
		return Challenge{}, model.Refuse(http.StatusTooManyRequests, model.TooManyRequests, "the user was sent %d codes in the last %v; use the last one, or wait", maxSent, sentWithin)
	}
	code, err := factor.NewCode(codeLength)
	if err != nil {
		return Challenge{}, err
	}
	m, err := c.message(u.settings, u.View, ch, notify.LoginCode, map[string]string{
		"code": code.Reveal(), "expires": t.Expires.Format(time.RFC3339),
	})
	along.Enqueue = append(along.Enqueue, m)
	along.Sides = append(along.Sides, model.KeepSide(u.id, name, sentCode{
		Transaction: t.ID, Hash: c.Key.HashCode(use(forLogin, u.account, u.id), code), Expires: t.Expires, Sent: sent,
	}))
	return Challenge{SentTo: ch.mask(ch.address(u.View))}, err
}

// checkSent is checkTOTP for a code that was sent.
func (c *Credentials) checkSent(ctx context.Context, s storage.Snapshot, u *candidate, t transaction, a Answer) ([]storage.Side, bool, error) {
	if _, sends := channels[a.FactorID]; !sends {
		return nil, false, nil
	}
	name := sentPrefix + a.FactorID
	sent, _, err := model.LoadSide[sentCode](ctx, s, u.id, name)
	if err != nil || sent.Transaction != t.ID || !c.Key.CodeMatches(use(forLogin, u.account, u.id), a.Code, sent.Hash) {
		return nil, false, err
	}
	return []storage.Side{model.KeepSide(u.id, name, sentCode{Sent: sent.Sent})}, true, nil
}
