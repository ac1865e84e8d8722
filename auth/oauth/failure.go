package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"roster/auth"
	"roster/auth/httpauth"
)

// failure is why there is no token, as RFC 6749 section 5.2 has it.
type failure struct {
	code, description string
	cause             error // what is not told
}

func (f *failure) Error() string { return f.code + ": " + f.description }
func (f *failure) Unwrap() error { return f.cause }

func invalidRequest(description string) error {
	return &failure{code: "invalid_request", description: description}
}

// The codes for what does not show who sends it: of a client, and of an assertion
// that is a grant.
const (
	invalidClient      = "invalid_client"
	invalidGrant       = "invalid_grant"
	unauthorizedClient = "unauthorized_client"
)

var unknown = map[string]string{
	invalidClient: "the client is unknown, or its credential is wrong, expired, revoked or for another way of authenticating",
	invalidGrant:  "the assertion is of no client or issuer that is known here, or it is not signed with a valid key of theirs",
}

// unverified is the one answer to all that shows nobody.
func unverified(code string, cause error) error {
	if !errors.Is(cause, auth.ErrUnauthenticated) {
		cause = fmt.Errorf("%w: %w", auth.ErrUnauthenticated, cause)
	}
	return &failure{code, unknown[code], cause}
}

// unusable is the answer to a credential that was verified.
func unusable(code, description string) error {
	return &failure{code, description, auth.ErrUnauthenticated}
}

// outage is a fault that may be over soon, as when an issuer does not answer.
type outage struct{ error }

func (o outage) Unwrap() error { return o.error }

// checked makes of why a credential was not found valid what is answered.
func checked(code string, err error) error {
	_, told := errors.AsType[*failure](err)
	switch {
	case err == nil, told:
		return err
	case errors.Is(err, auth.ErrUnauthenticated):
		return unverified(code, err)
	case errors.Is(err, auth.ErrDisabled):
		return &failure{code: unauthorizedClient, description: "the account is disabled; ask whoever runs this server", cause: auth.ErrDisabled}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return outage{err}
}

// refuse answers a request that gets no token.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if f, ok := errors.AsType[*failure](err); ok {
		s.config.Logger.DebugContext(r.Context(), "no access token was issued", "error", f.code, "reason", f.description, "cause", f.cause)
		event := httpauth.EventFrom(r.Context())
		event.Reason, event.Refused = f.code, f.code == invalidGrant || f.code == unauthorizedClient
		status := http.StatusBadRequest
		if f.code == invalidClient {
			w.Header().Set("WWW-Authenticate", `Basic realm="roster", charset="UTF-8"`)
			status = http.StatusUnauthorized
		}
		answer(w, status, map[string]string{"error": f.code, "error_description": f.description})
		return
	}
	if out, ok := errors.AsType[outage](err); ok {
		httpauth.EventFrom(r.Context()).Err = out
		w.Header().Set("Retry-After", "1")
		fail(w, r, http.StatusServiceUnavailable, "the credential cannot be checked at the moment: try again later")
		return
	}
	httpauth.Fault(w, r, err)
}

// fail is the answer to what reaches no handler, or to a fault. For these, RFC 6749
// section 4.1.2.1 has codes that clients know.
func fail(w http.ResponseWriter, _ *http.Request, status int, detail string) {
	code := "invalid_request"
	switch {
	case status == http.StatusUnauthorized:
		code = invalidClient
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		code = "temporarily_unavailable"
	case status >= http.StatusInternalServerError:
		code = "server_error"
	}
	answer(w, status, map[string]string{"error": code, "error_description": detail})
}

// answer writes JSON, which nobody keeps (RFC 6749 section 5.1).
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
	write(w, status, body)
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails if the client has gone away
}
