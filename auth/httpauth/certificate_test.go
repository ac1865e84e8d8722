package httpauth_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/limit"
)

// TestCertificate: that of a connection says who sends a request that has no
// Authorization header. The name of a certificate stands for its verdict.
func TestCertificate(t *testing.T) {
	principals := map[string]*auth.Principal{
		"good": {Account: "a", Subject: "c", Scopes: []auth.Scope{auth.SCIMRead}, Method: auth.ByCertificate},
		"none": {Account: "a", Subject: "d"},
	}
	m, err := httpauth.NewMux(httpauth.Config{
		Authenticator: tokens{reader: {Account: "a", Subject: "r", Scopes: []auth.Scope{auth.SCIMRead}}},
		Logger:        slog.New(slog.DiscardHandler),
		Limiter:       limit.New(limit.Config{Failed: limit.Rate{PerSecond: 1, Burst: 10}}),
		Certificates: func(_ context.Context, sent []*x509.Certificate, verified bool) (*auth.Principal, error) {
			switch name := string(sent[0].Raw); {
			case name == "broken":
				return nil, errors.New("the disk is gone")
			case principals[name] != nil && verified:
				return principals[name], nil
			}
			return nil, auth.ErrUnauthenticated
		},
	}, surface)
	require.NoError(t, err)
	send := func(name, authorization, path string, verified bool) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		r.TLS = &tls.ConnectionState{}
		if name != "" {
			r.TLS.PeerCertificates = []*x509.Certificate{{Raw: []byte(name)}}
		}
		if verified {
			r.TLS.VerifiedChains = [][]*x509.Certificate{r.TLS.PeerCertificates}
		}
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		return w
	}
	for _, row := range []struct {
		name, authorization, path string
		unverified                bool
		status                    int
		answer                    string
	}{
		{"good", "", "/required", false, 200, "c"},
		{"good", "", "/optional", false, 200, "c"},
		{"good", "", "/required", true, 401, "plain: the certificate is not valid: it is unknown, expired or revoked"},
		{"good", "", "/write", false, 403, "plain: the token lacks the scope scim:write"},
		{"none", "", "/required", false, 403, "plain: the token lacks the scope scim:read"},
		{"other", "", "/required", false, 401, "plain: the certificate is not valid: it is unknown, expired or revoked"},
		{"other", "", "/optional", false, 401, "plain: the certificate is not valid: it is unknown, expired or revoked"},
		{"broken", "", "/required", false, 503, "plain: the token cannot be checked at the moment: try again later"},
		{"", "", "/required", false, 401, "plain: authentication is needed: send a token as 'Authorization: Bearer <token>'"},
		{"", "", "/optional", false, 200, ""},
		{"good", "Bearer " + reader, "/required", false, 200, "r"},
		{"other", "Bearer " + reader, "/required", false, 200, "r"},
		{"good", "Bearer wrong", "/required", false, 401, "plain: the token is not valid: it is unknown, expired or revoked"},
		{"good", "Digest x", "/required", false, 401, "plain: authentication is needed: send a token as 'Authorization: Bearer <token>'"},
	} {
		t.Run(strings.Join([]string{row.name, row.authorization, row.path}, " "), func(t *testing.T) {
			w := send(row.name, row.authorization, row.path, !row.unverified)
			require.Equal(t, row.status, w.Code, w.Body)
			require.Equal(t, row.answer, w.Body.String())
		})
	}
	for range 10 {
		send("other", "", "/required", true)
	}
	require.Equal(t, 429, send("other", "", "/required", true).Code, "wrong ones are limited")
	require.Equal(t, 200, send("good", "", "/required", true).Code)
}
