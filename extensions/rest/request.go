package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/scim"
	"roster/scim/provider"
)

// Request is one exchange, beside what the handler is called with and returns.
type Request struct {
	// Call is on whose behalf it is made. On an open route without a credential
	// it has no account.
	Call provider.Call
	// Principal is nil on an open route without a credential.
	Principal *auth.Principal
	// If is what the request asks of the present version, nil if nothing.
	If provider.Precondition

	api            *API
	etag, location string // of the answer
}

// Tag sets the entity tag of the answer.
func (q *Request) Tag(version string) { q.etag = version }

// Locate says where what was made is: a path below the root.
func (q *Request) Locate(path string) { q.location = q.api.config.Root + path }

// Problem returns the problem that an error is for the client, nil if it is the
// server's own fault.
func (q *Request) Problem(ctx context.Context, err error) *Problem { return q.api.problemOf(ctx, err) }

// newRequest finds out on whose behalf the request is made.
func (a *API) newRequest(r *http.Request) (*Request, error) {
	q := &Request{api: a, If: precondition(r), Call: provider.Call{
		Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(),
		Correlation: auth.CorrelationFrom(r.Context()), Source: "api",
		Address: auth.OriginFrom(r.Context()).Text(),
	}}
	q.Principal = auth.PrincipalFrom(r.Context())
	if q.Principal == nil {
		return q, nil
	}
	if named := r.Header.Values("X-Account-Id"); len(named) > 0 && !slices.Equal(named, []string{q.Principal.Account}) {
		return q, refuse("account_mismatch", "the token is not of the account that x-account-id names")
	}
	profile, limits, err := a.config.Protocol(r.Context(), q.Principal.Account)
	q.Call.Profile, q.Call.Limits = profile, limits
	q.Call.Account = provider.Account(q.Principal.Account)
	q.Call.Actor = provider.Actor{ID: q.Principal.Subject, Name: q.Principal.Name, User: q.Principal.User, Method: string(q.Principal.Method)}
	q.Call.Domain = q.Principal.Domain
	return q, err
}

// decodeBody reads the body into the field Body of in. A route without one takes
// an empty object; a body whose members may all be absent may be so itself.
func (q *Request) decodeBody(w http.ResponseWriter, r *http.Request, route Route, in reflect.Value) error {
	if route.Method == http.MethodGet {
		return nil
	}
	limit := q.Call.Limits.Body
	if route.Traits.Is(Large) {
		limit = q.Call.Limits.BulkBody
	}
	data, err := readBody(w, r, limit)
	if err != nil {
		return err
	}
	v := scim.ObjectValue()
	if len(data) > 0 {
		if err := checkContentType(r, route.media()); err != nil {
			return err
		}
		if v, err = scim.ParseJSON(data); err != nil {
			return refuse("invalid_syntax", "%v", err)
		}
	}
	if route.body == nil {
		return decodeObject(v, in, nil, "")
	}
	return decodeValue(v, in.FieldByName("Body"), rules{members: route.members}, "")
}

func readBody(w http.ResponseWriter, r *http.Request, limit int) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refuse("too_large", "the body is larger than %d bytes; send less at a time", limit)
	case err != nil:
		return nil, refuse("invalid_syntax", "the body could not be read to its end")
	}
	return data, nil
}

func checkContentType(r *http.Request, media []string) error {
	if httpauth.SendsJSON(r, media...) {
		return nil
	}
	return refuse("unsupported_media_type", "the body must be JSON in UTF-8; send it with Content-Type: %s", mediaJSON)
}
