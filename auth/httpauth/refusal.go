package httpauth

import (
	"net/http"
	"strconv"
	"time"

	"roster/auth"
)

// refusal is why a request does not pass. It is an error for those that pass it on
// to Fault.
type refusal struct {
	status int
	code   string     // error code of RFC 6750 section 3.1, "" if nothing was sent
	scope  auth.Scope // that is lacking
	detail string
	retry  time.Duration // after which to come again, 0 if that does not help
	fault  error         // of the server
}

func (f *refusal) Error() string { return f.detail }

// missing: no credential, or a scheme that is not supported, for which RFC 6750
// section 3.1 wants no error code.
func missing() *refusal {
	return &refusal{status: http.StatusUnauthorized,
		detail: "authentication is needed: send a token as 'Authorization: Bearer <token>'"}
}

func malformed(detail string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "invalid_request", detail: detail}
}

func invalid() *refusal {
	return &refusal{status: http.StatusUnauthorized, code: "invalid_token",
		detail: "the token is not valid: it is unknown, expired or revoked"}
}

func insufficient(scope auth.Scope) *refusal {
	return &refusal{status: http.StatusForbidden, code: "insufficient_scope", scope: scope,
		detail: "the token lacks the scope " + string(scope)}
}

func unavailable(fault error) *refusal {
	return &refusal{status: http.StatusServiceUnavailable, retry: time.Second, fault: fault,
		detail: "the token cannot be checked at the moment: try again later"}
}

func (x *exchange) refuse(r *http.Request, f *refusal) {
	x.event.Err, x.limited = f.fault, f.retry > 0
	h, realm := x.Header(), x.mux.config.Realm
	switch {
	case f.retry > 0:
		h.Set("Retry-After", seconds(f.retry))
	default:
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
