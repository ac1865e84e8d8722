package oauth

import (
	"net/http"

	"github.com/go-jose/go-jose/v4"

	"roster/auth"
	"roster/auth/federation"
)

// publish writes what others may keep for a quarter of an hour, which is less than
// the notice of a key.
func publish(w http.ResponseWriter, body any) {
	w.Header().Set("Cache-Control", "public, max-age=900")
	write(w, http.StatusOK, body)
}

// serveKeys answers with the public keys (RFC 7517 section 5).
func (s *Server) serveKeys(w http.ResponseWriter, r *http.Request) {
	set, err := s.keys.get(r.Context(), fresh)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	published := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, key := range set.keys {
		published.Keys = append(published.Keys, jose.JSONWebKey{
			Key: &set.private[key.ID].PublicKey, KeyID: key.ID, Algorithm: string(jose.ES256), Use: "sig"})
	}
	publish(w, published)
}

// metadata are those of RFC 8414 section 2.
type metadata struct {
	Issuer         string       `json:"issuer"`
	TokenEndpoint  string       `json:"token_endpoint"`
	Keys           string       `json:"jwks_uri"`
	Scopes         []auth.Scope `json:"scopes_supported"`
	ResponseTypes  []string     `json:"response_types_supported"`
	Grants         []string     `json:"grant_types_supported"`
	Authentication []string     `json:"token_endpoint_auth_methods_supported"`
	Algorithms     []string     `json:"token_endpoint_auth_signing_alg_values_supported"`
}

// serveMetadata answers with what clients need to know.
func (s *Server) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	publish(w, metadata{
		Issuer: s.config.Issuer, TokenEndpoint: s.config.Issuer + tokenPath, Keys: s.config.Issuer + keysPath,
		Scopes: append([]auth.Scope{auth.SCIM}, auth.AccountScopes()...), ResponseTypes: []string{},
		Grants:         []string{clientCredentials, jwtBearer},
		Authentication: []string{"client_secret_basic", "client_secret_post", "private_key_jwt"},
		Algorithms:     federation.Algorithms(),
	})
}
