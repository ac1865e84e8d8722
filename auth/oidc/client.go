package oidc

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"roster/auth/receiver"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

var (
	errRedirect = errors.New("the issuer redirects, which is not followed")
	errOpen     = errors.New("the address is not https")
)

// newClient returns a client for one issuer. What it fetches decides who is let
// in, so it comes from where the issuer says by itself, over TLS; only an issuer
// on this machine may do without.
func newClient(transport http.RoundTripper, issuer string) *http.Client {
	return &http.Client{
		Transport:     guarded{transport, strings.HasPrefix(issuer, "https:")},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
	}
}

// guarded sends requests only over private ways, and bounds the answers.
type guarded struct {
	http.RoundTripper
	secure bool // https only
}

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && (g.secure || !receiver.IsPrivateURL(r.URL.String())) {
		return nil, fmt.Errorf("%w: %.100q", errOpen, r.URL.Redacted())
	}
	r = r.Clone(r.Context())
	r.Close = true // it is asked every quarter of an hour: no connection is kept for that
	response, err := g.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = http.MaxBytesReader(nil, response.Body, maxAnswer)
	return response, nil
}
