package registry_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/registry"
)

func pemOf(t testing.TB, public crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// keyClient makes a client with a key, but for the change.
func (f *fixture) keyClient(t testing.TB, account string, key []byte) (registry.Token, error) {
	t.Helper()
	made, secret, err := f.CreateToken(t.Context(), registry.NewToken{
		Account: account, Name: "robot", Form: registry.FormKey, Scopes: []auth.Scope{auth.SCIM}, Key: key,
	})
	require.Empty(t, secret, "a key has none")
	return made, err
}

// TestPublicKeys: each kind, as PEM and as JWK, is the key that verifies.
func TestPublicKeys(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	for _, algorithm := range []string{"RS256", "ES256", "ES384", "ES512", "EdDSA"} {
		t.Run(algorithm, func(t *testing.T) {
			key := authtest.NewKey(t, "", algorithm)
			public := key.Public().Key
			jwk, err := json.Marshal(key.Public())
			require.NoError(t, err)
			thumbprint, err := key.Thumbprint(crypto.SHA256)
			require.NoError(t, err)
			for _, text := range [][]byte{pemOf(t, public), jwk, []byte("\n " + string(jwk) + "\n")} {
				made, err := f.keyClient(t, a.ID, text)
				require.NoError(t, err)
				require.Equal(t, string(pemOf(t, public)), string(made.Key))
				require.Equal(t, encode(thumbprint), made.KeyID)
				kept, p, _, err := registry.Clients{Registry: f.Registry}.Key(t.Context(), made.Client, "")
				require.NoError(t, err)
				require.True(t, kept.(interface{ Equal(crypto.PublicKey) bool }).Equal(public))
				require.Equal(t, auth.ByOAuth, p.Method)
			}
		})
	}
}

// TestThumbprint is the example of RFC 7638 section 3.1.
func TestThumbprint(t *testing.T) {
	const example = `{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"`
	f := newFixture(t)
	a := f.account(t, "acme")
	for kid, want := range map[string]string{"": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "2011-04-29": "2011-04-29"} {
		made, err := f.keyClient(t, a.ID, []byte(example+kid+`"}`))
		require.NoError(t, err)
		require.Equal(t, want, made.KeyID)
	}
}

func TestRefusedKeys(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	good := string(pemOf(t, &private.PublicKey))
	_, edward, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	secretJWK, err := json.Marshal(authtest.NewKey(t, "k", "ES256"))
	require.NoError(t, err)
	tests := []struct{ name, key, message string }{
		{"none", "", "neither one PEM block of a public key nor a JWK"},
		{"no key", "hunter2", "neither one PEM block of a public key nor a JWK"},
		{"text before", "x" + good, "neither one PEM block"},
		{"two keys", good + good, "neither one PEM block"},
		{"too long", good + strings.Repeat(" ", 8<<10), "longer than 8192 bytes"},
		{"a private key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "it is a private key"},
		{"a private JWK", string(secretJWK), "it is a private key"},
		{"a certificate", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), `not "PUBLIC KEY"`},
		{"damaged", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der[:50]})), "damaged"},
		{"1024 bits", string(pemOf(t, &small.PublicKey)), "it has 1024 bits; use an RSA key of 2048 to 4096"},
		{"a small exponent", string(pemOf(t, &rsa.PublicKey{N: private.N, E: 3})), "its exponent is not odd and 65537 or more"},
		{"another curve", string(pemOf(t, &p224.PublicKey)), "not P-256, P-384 or P-521"},
		{"no JWK", `{"kty":`, "it is not a JWK"},
		{"for encryption", `{"kty":"OKP","crv":"Ed25519","use":"enc","x":"` + encode(edward.Public().(ed25519.PublicKey)) + `"}`, `the "use" of the JWK`},
		{"an id that cannot be read", `{"kty":"OKP","crv":"Ed25519","kid":"a\nb","x":"` + encode(edward.Public().(ed25519.PublicKey)) + `"}`, `the "kid" of the JWK`},
		{"symmetric", `{"kty":"oct","k":"c2VjcmV0"}`, "no RSA, EC or Ed25519 key"},
		{"a short Ed25519 key", `{"kty":"OKP","crv":"Ed25519","x":"AQAB"}`, "no RSA, EC or Ed25519 key"},
		{"not on the curve", `{"kty":"EC","crv":"P-256","x":"` + encode(make([]byte, 32)) + `","y":"` + encode(make([]byte, 32)) + `"}`, "no RSA, EC or Ed25519 key"},
		{"not base64url", `{"kty":"RSA","n":"a+b","e":"AQAB"}`, "no RSA, EC or Ed25519 key"},
	}
	f := newFixture(t)
	a := f.account(t, "acme")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := f.keyClient(t, a.ID, []byte(tt.key))
			require.ErrorIs(t, err, registry.ErrInvalid)
			require.ErrorContains(t, err, tt.message)
			require.NotContains(t, err.Error(), "hunter2")
			require.Less(t, len(err.Error()), 300)
		})
	}
}

func FuzzPublicKey(f *testing.F) {
	key := authtest.NewKey(f, "k", "ES256")
	jwk, err := json.Marshal(key.Public())
	require.NoError(f, err)
	for _, seed := range [][]byte{pemOf(f, key.Public().Key), jwk, []byte("{}"), []byte(`{"kty":"EC","crv":"P-521"}`)} {
		f.Add(seed)
	}
	fixture := newFixture(f)
	account := fixture.account(f, "acme").ID
	f.Fuzz(func(t *testing.T, text []byte) {
		made, err := fixture.keyClient(t, account, text)
		if err != nil {
			require.ErrorIs(t, err, registry.ErrInvalid)
			return
		}
		again, err := fixture.keyClient(t, account, made.Key)
		require.NoError(t, err, "what is shown can be set")
		require.Equal(t, string(made.Key), string(again.Key))
	})
}
