package server

import (
	"errors"
	"net/http"

	"roster/auth/httpauth"
	"roster/scim"
)

// writeError answers with a refusal; of any other error the client learns nothing.
func writeError(w *response, r *http.Request, err error) {
	var refusal *scim.Error
	if !errors.As(err, &refusal) {
		httpauth.Fault(w.ResponseWriter, r, err)
		return
	}
	if refusal.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	w.writeJSON(refusal.Status, refusal.Value().AppendJSON(nil))
}

// fail answers a request that comes to no operation, or to no end, in the form of
// RFC 7644 section 3.12.
func fail(w http.ResponseWriter, r *http.Request, status int, detail string) {
	answer, _ := negotiate(w, r)
	writeError(answer, r, scim.Errorf(status, "", "%s", detail))
}
