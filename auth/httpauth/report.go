package httpauth

import (
	"cmp"
	"context"
	"net/http"

	"roster/auth"
)

// Refusal is a request that is answered with 401, 403 or 429, or which its operation
// calls refused, for the audit. It holds no credential, and nothing of what was sent.
type Refusal struct {
	Status    int
	Operation string     // as in [Event], as the next two
	Account   string     // of who was authenticated, "" if nobody was
	Scope     auth.Scope // that the principal lacks, if that is why
	// Reason is missing_credential, invalid_credential, insufficient_scope,
	// account_disabled, other_account, too_many_requests, too_many_attempts (that
	// were wrong) or too_many_at_once; if the operation refuses, what it says in
	// Event.Reason, or else operation.
	Reason string
}

// report tells Config.Refused of a refusal, whoever decided it.
func (x *exchange) report(ctx context.Context) {
	switch x.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		x.event.Refused = true
	}
	if !x.event.Refused || x.mux.config.Refused == nil {
		return
	}
	if x.principal != nil {
		ctx = auth.WithPrincipal(ctx, x.principal)
	}
	e := &x.event
	x.mux.config.Refused(ctx, Refusal{
		Status: x.status, Operation: e.Operation, Account: e.Account,
		Scope: e.Scope, Reason: cmp.Or(e.Reason, "operation"),
	})
}
