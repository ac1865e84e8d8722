package audit

import (
	"context"
	"time"

	"roster/auth"
	"roster/storage"
)

// Types of the records about refusals.
const (
	// RefusedType is one refusal.
	RefusedType = "request.refused"
	// OmittedType tells how many refusals of one account, or of requests without
	// one, were not recorded by themselves in the minute before.
	OmittedType = "request.omitted"
)

// Refusal is a request that was answered with 401, 403 or 429, or a grant that was
// not given. Who calls, from where and in which request is in the context. Its
// texts must hold no credential.
type Refusal struct {
	Status    int
	Operation string // the route's name
	Scope     string // that was missing, "" if it was not that
	Reason    string
	// Account is the id of the account that it is about. Default: that of the
	// principal, and none without one.
	Account string
}

// event makes the event of a refusal.
func (r Refusal) event(ctx context.Context, account string, at time.Time) storage.Event {
	d := caller(ctx, account)
	d.Outcome, d.Status = Refused, r.Status
	d.Operation, d.Scope, d.Reason = clip(r.Operation), clip(r.Scope), clip(r.Reason)
	e := event(RefusedType, account, d)
	e.Time = at
	return e
}

func omission(account string, n int, at time.Time) storage.Event {
	e := event(OmittedType, account, Data{Outcome: Refused, Omitted: n})
	e.Time = at
	return e
}

// account is the one that the refusal is about.
func (r Refusal) account(ctx context.Context) string {
	if r.Account != "" {
		return r.Account
	}
	if p := auth.PrincipalFrom(ctx); p != nil {
		return p.Account
	}
	return ""
}

// Refusals that are recorded in a minute.
const (
	perPrincipal = 5
	perAccount   = 10
	ofAccounts   = 20 // of all accounts
	ofNobody     = 10 // of requests without a principal
	// accountsOmitting is how many accounts have a count of their own of what was
	// omitted. That of further ones is in the count of no account.
	accountsOmitting = 20
)

// ration admits refusals to the log, minute by minute. It is not safe for
// concurrent use; its memory is bounded, because what is counted was admitted.
type ration struct {
	began    time.Time
	admitted map[rationKey]int
	omitted  map[string]int // by account
}

// rationKey is what has a limit of its own: a principal of an account, an account,
// all accounts, and, as its zero value, who is nobody's principal.
type rationKey struct {
	account, principal string
	all                bool
}

func newRation(now time.Time) *ration {
	return &ration{began: now, admitted: map[rationKey]int{}, omitted: map[string]int{}}
}

// admit reports whether a refusal is recorded, and counts it as omitted if not.
func (r *ration) admit(account, principal string) bool {
	limits := map[rationKey]int{{}: ofNobody}
	if principal != "" {
		limits = map[rationKey]int{{account: account, principal: principal}: perPrincipal, {account: account}: perAccount, {all: true}: ofAccounts}
	}
	for key, limit := range limits {
		if r.admitted[key] >= limit {
			r.omit(account, 1)
			return false
		}
	}
	for key := range limits {
		r.admitted[key]++
	}
	return true
}

func (r *ration) omit(account string, n int) {
	if _, known := r.omitted[account]; !known && len(r.omitted) >= accountsOmitting {
		account = ""
	}
	r.omitted[account] += n
}

// turn begins a new minute if the last one is over, or the clock was set back, and
// returns the events that tell what was omitted in it.
func (r *ration) turn(now time.Time) []storage.Event {
	if passed := now.Sub(r.began); passed >= 0 && passed < time.Minute {
		return nil
	}
	return r.renew(now)
}

func (r *ration) renew(now time.Time) []storage.Event {
	var events []storage.Event
	for account, n := range r.omitted {
		events = append(events, omission(account, n, now))
	}
	*r = *newRation(now)
	return events
}
