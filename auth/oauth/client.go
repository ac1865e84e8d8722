package oauth

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"roster/auth"
	"roster/auth/httpauth"
)

// maxBasic bounds the Authorization header.
const maxBasic = 8 << 10

// client finds out which client sends a request: by exactly one way of RFC 6749
// section 2.3.
func (s *Server) client(r *http.Request, f form) (caller, error) {
	headers := r.Header.Values("Authorization")
	ways := len(headers)
	for _, name := range []string{"client_secret", "client_assertion"} {
		if f[name] != "" {
			ways++
		}
	}
	switch {
	case ways == 0:
		return caller{}, &failure{code: invalidClient, description: "the client must authenticate: by Basic, or by client_id and client_secret, or by client_assertion"}
	case ways > 1:
		return caller{}, invalidRequest("authenticate in one way only")
	case len(headers) > 0:
		id, secret, err := readBasic(headers[0])
		if err != nil {
			return caller{}, err
		}
		if f["client_id"] != "" && f["client_id"] != id {
			return caller{}, invalidRequest("client_id is not that of the Authorization header")
		}
		return s.withSecret(r.Context(), id, secret)
	case f["client_secret"] != "":
		return s.withSecret(r.Context(), f["client_id"], auth.Secret(f["client_secret"]))
	}
	return s.withAssertion(r.Context(), f)
}

// readBasic reads the header by which a client sends its secret. Both parts are
// encoded as in a form (RFC 6749 section 2.3.1).
func readBasic(header string) (id string, secret auth.Secret, err error) {
	malformed := invalidRequest("the Authorization header must read 'Basic', a space, and the base64 of client id, colon and secret, each encoded as in a form")
	if len(header) > maxBasic {
		return "", "", malformed
	}
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "basic") {
		return "", "", &failure{code: invalidClient, description: "clients authenticate here by Basic, or by parameters of the body"}
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.Trim(encoded, " "))
	if err != nil {
		return "", "", malformed
	}
	first, second, found := strings.Cut(string(decoded), ":")
	id, wrongID := url.QueryUnescape(first)
	text, wrongSecret := url.QueryUnescape(second)
	if !found || wrongID != nil || wrongSecret != nil || id == "" || text == "" || !isVisible(id) || !isVisible(text) {
		return "", "", malformed
	}
	return id, auth.Secret(text), nil
}

func (s *Server) withSecret(ctx context.Context, id string, secret auth.Secret) (c caller, err error) {
	if id == "" {
		return c, invalidRequest("client_id is missing")
	}
	c.client = id
	err = httpauth.Attempt(ctx, secret, func() (err error) {
		c.principal, c.credential, err = s.among(func(clients auth.Clients) (*auth.Principal, string, error) {
			return clients.WithSecret(ctx, id, secret)
		})
		return checked(invalidClient, err)
	})
	return c, err
}
