package httpauth

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"roster/auth"
)

// refusal is why a request does not pass. It is an error for those that pass it on
// to Fault.
type refusal struct {
	status int
	reason string     // see Refusal
	code   string     // error code of RFC 6750 section 3.1, "" if none fits
	scope  auth.Scope // that is lacking
	detail string
	retry  time.Duration // after which to come again, 0 if that does not help
	fault  error         // of the server
}

func (f *refusal) Error() string { return f.detail }

// missing: no credential, or a scheme that is not supported, for which RFC 6750
// section 3.1 wants no error code.
func missing() *refusal {
	return &refusal{status: http.StatusUnauthorized, reason: "missing_credential",
		detail: "authentication is needed: send a token as 'Authorization: Bearer <token>'"}
}

func malformed(detail string) *refusal {
	return &refusal{status: http.StatusBadRequest, reason: "malformed_credential", code: "invalid_request", detail: detail}
}

func invalid(kind string) *refusal {
	return &refusal{status: http.StatusUnauthorized, reason: "invalid_credential", code: "invalid_token",
		detail: "the " + kind + " is not valid: it is unknown, expired or revoked"}
}

func insufficient(scope auth.Scope) *refusal {
	return &refusal{status: http.StatusForbidden, reason: "insufficient_scope", code: "insufficient_scope", scope: scope,
		detail: "the token lacks the scope " + string(scope)}
}

func disabled() *refusal {
	return &refusal{status: http.StatusForbidden, reason: "account_disabled",
		detail: "the account is disabled; ask whoever runs this server"}
}

// elsewhere says the same whether there is such an account or not.
func elsewhere() *refusal {
	return &refusal{status: http.StatusForbidden, reason: "other_account",
		detail: "the token is not for the account that the path names"}
}

func unavailable(fault error) *refusal {
	return &refusal{status: http.StatusServiceUnavailable, reason: "unavailable", retry: time.Second, fault: fault,
		detail: "the token cannot be checked at the moment: try again later"}
}

// unknown says why nothing is known of the account of a principal who was let in:
// it is not there any more, as if the credential had just been revoked, or the
// server failed.
func unknown(what string, err error) *refusal {
	if errors.Is(err, auth.ErrUnauthenticated) {
		return invalid("token")
	}
	return unavailable(fmt.Errorf("%s: %w", what, err))
}

func (x *exchange) refuse(r *http.Request, f *refusal) {
	x.event.Err, x.event.Reason, x.event.Scope, x.limited = f.fault, f.reason, f.scope, f.retry > 0
	h, realm := x.Header(), x.mux.config.Realm
	switch {
	case f.retry > 0:
		h.Set("Retry-After", seconds(f.retry))
	case f.status == http.StatusUnauthorized, f.code != "":
		h.Set("WWW-Authenticate", f.challenge(realm))
	}
	if f.status == http.StatusUnauthorized {
		// All supported schemes are told (RFC 7644 section 2), the better first.
		h.Add("WWW-Authenticate", "Basic realm="+strconv.QuoteToASCII(realm)+`, charset="UTF-8"`)
	}
	x.surface.Fail(x, r, f.status, f.detail)
}

func (f *refusal) challenge(realm string) string {
	c := "Bearer realm=" + strconv.QuoteToASCII(realm)
	if f.code != "" {
		c += `, error="` + f.code + `"`
	}
	if f.scope != "" {
		c += `, scope="` + string(f.scope) + `"`
	}
	return c
}
