package server

import (
	"context"
	"errors"
	"net/http"

	"roster/scim"
)

// writeError answers with the error, and returns it for the log if it is the
// server's own fault, of which the client learns nothing.
func writeError(w http.ResponseWriter, err error) (fault error) {
	var refusal *scim.Error
	switch {
	case errors.As(err, &refusal):
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		refusal = scim.Errorf(http.StatusServiceUnavailable, "", "the request took too long; try again")
	default:
		fault = err
		refusal = scim.Errorf(http.StatusInternalServerError, "", "the server failed; its log says why")
	}
	if refusal.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, refusal.Status, refusal.Value().AppendJSON(nil))
	return fault
}

// WriteError answers a refusal in the form of RFC 7644 section 3.12, for what
// stands before the server, such as authentication.
func WriteError(w http.ResponseWriter, status int, detail string) {
	writeError(w, &scim.Error{Status: status, Detail: detail})
}
