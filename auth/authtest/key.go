package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"roster/auth"
)

// Key signs tokens.
type Key struct{ jose.JSONWebKey }

// NewKey makes a key for an algorithm with a private key, such as "ES256". An empty
// id is none.
func NewKey(t testing.TB, id, algorithm string) *Key {
	private, err := generate(algorithm)
	require.NoError(t, err)
	return KeyOf(private, id, algorithm)
}

// KeyOf is a key that there is already.
func KeyOf(private crypto.Signer, id, algorithm string) *Key {
	return &Key{jose.JSONWebKey{Key: private, KeyID: id, Algorithm: algorithm, Use: "sig"}}
}

func generate(algorithm string) (private crypto.Signer, err error) {
	switch {
	case algorithm == "ES256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case algorithm == "ES384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case algorithm == "ES512":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case strings.HasPrefix(algorithm, "RS"), strings.HasPrefix(algorithm, "PS"):
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	_, private, err = ed25519.GenerateKey(rand.Reader)
	return private, err
}

// Sign returns a token of claims.
func (k *Key) Sign(t testing.TB, claims map[string]any) auth.Secret {
	return k.SignWith(t, nil, claims)
}

// SignWith is Sign with more members in the header, which replace those it has.
func (k *Key) SignWith(t testing.TB, header, claims map[string]any) auth.Secret {
	payload, err := json.Marshal(claims)
	require.NoError(t, err)
	return k.sign(t, header, payload)
}

// SignText is Sign for claims as they are to be written.
func (k *Key) SignText(t testing.TB, claims string) auth.Secret {
	return k.sign(t, nil, []byte(claims))
}

func (k *Key) sign(t testing.TB, header map[string]any, payload []byte) auth.Secret {
	options := (&jose.SignerOptions{}).WithType("at+jwt")
	for name, value := range header {
		options = options.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.Algorithm), Key: k.JSONWebKey}, options)
	require.NoError(t, err)
	signed, err := signer.Sign(payload)
	require.NoError(t, err)
	text, err := signed.CompactSerialize()
	require.NoError(t, err)
	return auth.Secret(text)
}

// Changed returns the claims with the values of pairs of names and values; nil
// takes a claim out.
func Changed(claims map[string]any, pairs ...any) map[string]any {
	for pair := range slices.Chunk(pairs, 2) {
		name, value := pair[0].(string), pair[1]
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
	return claims
}
