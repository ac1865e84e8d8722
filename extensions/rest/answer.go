package rest

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"roster/auth/httpauth"
	"roster/scim/provider"
)

// mediaJSON is the media type of bodies.
const mediaJSON = "application/json"

// answer writes what the handler returned.
func (q *Request) answer(w http.ResponseWriter, r *http.Request, route Route, body any) {
	if q.etag != "" {
		w.Header().Set("ETag", q.etag)
	}
	if q.location != "" {
		w.Header().Set("Location", q.location)
	}
	if !route.answers() {
		w.WriteHeader(route.Status)
		return
	}
	if lined, ok := body.(Lined); ok {
		answerLined(w, r, route.Status, lined)
		return
	}
	write(w, route.Status, mediaJSON, body)
}

// ShownTime is a time as precise as it is read and answered.
func ShownTime(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// write answers with JSON.
func write(w http.ResponseWriter, status int, media string, body any) {
	writeText(w, status, media, encode(body))
}

func writeText(w http.ResponseWriter, status int, media string, text []byte) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client is gone otherwise
}

// refuseWith answers with the problem that the error is.
func (a *API) refuseWith(w http.ResponseWriter, r *http.Request, err error) {
	p := a.problemOf(r.Context(), err)
	if p == nil {
		httpauth.Fault(w, r, err)
		return
	}
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	event := httpauth.EventFrom(r.Context()) // for the audit of refusals
	event.Reason, event.Scope = string(p.Code), p.Scope
	write(w, p.Status, mediaProblem, p)
}

// codesOfReasons are those of refusals that are not told from others by their
// status; see [httpauth.Refusal].
var codesOfReasons = map[string]Code{
	"insufficient_scope": "insufficient_scope",
	"account_disabled":   "account_disabled",
	"other_account":      "account_mismatch",
}

// fail answers requests that reach no handler.
func (a *API) fail(w http.ResponseWriter, r *http.Request, status int, detail string) {
	event := httpauth.EventFrom(r.Context())
	refusal := Refusal{Status: status, Code: cmp.Or(codesOfReasons[event.Reason], codeOfStatus(status)), Detail: detail, Scope: event.Scope}
	write(w, status, mediaProblem, refusal.problem(r.Context()))
}

// precondition reads If-Match and If-None-Match as they hold for changes (RFC
// 9110 sections 13.1.1 and 13.1.2).
func precondition(r *http.Request) provider.Precondition {
	asked := httpauth.ConditionOf(r)
	if asked.IsNone() {
		return nil
	}
	return func(etag string) error {
		if !asked.Wants(etag) || asked.Excludes(etag) {
			return atAnotherVersion(etag)
		}
		return nil
	}
}

// conditions holds the answer of a reading route against what the request asks of
// its entity tag: whether the client has it already, or wanted another one.
func (q *Request) conditions(r *http.Request, route Route) (notModified bool, err error) {
	if route.Method != http.MethodGet || q.etag == "" {
		return false, nil
	}
	asked := httpauth.ConditionOf(r)
	if !asked.Wants(q.etag) {
		return false, atAnotherVersion(q.etag)
	}
	return asked.Excludes(q.etag), nil
}

func atAnotherVersion(etag string) error {
	return refuse("precondition_failed", "this is at version %s now; read it again", etag)
}
