package factor_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/factor"
)

// private is one key for all tests: each takes its time to generate.
var private = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := factor.NewRSAKey(2048)
	if err != nil {
		panic(err)
	}
	return key
})

func pemOf(t testing.TB, kind string, der []byte, err error) string {
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func spki(t testing.TB, key any) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	return pemOf(t, "PUBLIC KEY", der, err)
}

func jwk(key *rsa.PublicKey) string {
	b64 := base64.RawURLEncoding
	return fmt.Sprintf(`{"kty":"RSA","kid":"1","alg":"RS256","use":"sig","n":%q,"e":%q}`,
		b64.EncodeToString(key.N.Bytes()), b64.EncodeToString(big.NewInt(int64(key.E)).Bytes()))
}

// numbers makes a key that has the form of one, which is all that can be seen of a
// public key.
func numbers(bits int, exponent int) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: exponent}
}

func TestParseKey(t *testing.T) {
	public := &private().PublicKey
	pkcs1 := pemOf(t, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(public), nil)
	encoded, err := factor.EncodeKey(public)
	require.NoError(t, err)
	require.Equal(t, spki(t, public), string(encoded))
	for name, text := range map[string]string{
		"SPKI": spki(t, public), "PKCS #1": pkcs1, "JWK": jwk(public),
		"spaces around": "\r\n " + pkcs1 + "\n\n", "line ends of Windows": strings.ReplaceAll(pkcs1, "\n", "\r\n"),
		"JWK without use": strings.Replace(jwk(public), `"use":"sig",`, "", 1),
	} {
		t.Run(name, func(t *testing.T) {
			key, err := factor.ParseKey([]byte(text))
			require.NoError(t, err)
			require.True(t, public.Equal(key))
		})
	}
	for _, bits := range []int{2048, 3072, 4096} {
		for _, text := range []string{spki(t, numbers(bits, 65537)), jwk(numbers(bits, 1<<31-1))} {
			key, err := factor.ParseKey([]byte(text))
			require.NoError(t, err)
			require.Equal(t, bits, key.N.BitLen())
		}
	}
}

func TestParseKeyRefuses(t *testing.T) {
	public := &private().PublicKey
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private())
	require.NoError(t, err)
	even := numbers(2048, 65537)
	even.N.SetBit(even.N, 0, 0)
	replace := func(old, with string) string { return strings.Replace(jwk(public), old, with, 1) }
	tests := []struct{ name, text, says string }{
		{"empty", "", "neither one PEM block"},
		{"text", "ssh-rsa AAAAB3Nz", "neither one PEM block"},
		{"text before", "x\n" + spki(t, public), "neither one PEM block"},
		{"two blocks", spki(t, public) + spki(t, public), "neither one PEM block"},
		{"cut off", spki(t, public)[:100], "neither one PEM block"},
		{"certificate", pemOf(t, "CERTIFICATE", []byte("x"), nil), `neither "PUBLIC KEY" nor "RSA PUBLIC KEY"`},
		{"damaged", pemOf(t, "PUBLIC KEY", []byte("x"), nil), "damaged"},
		{"PKCS #1 in an SPKI block", pemOf(t, "PUBLIC KEY", x509.MarshalPKCS1PublicKey(public), nil), "damaged"},
		{"elliptic curve", spki(t, &curve.PublicKey), "not RSA"},
		{"Ed25519", spki(t, edwards), "not RSA"},
		{"private, PKCS #1", pemOf(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(private()), nil), "private key"},
		{"private, PKCS #8", pemOf(t, "PRIVATE KEY", pkcs8, nil), "private key"},
		{"private, encrypted", pemOf(t, "ENCRYPTED PRIVATE KEY", []byte("x"), nil), "private key"},
		{"private, JWK", replace(`"e"`, `"d":"AQAB","e"`), "private key"},
		{"1024 bits", spki(t, numbers(1024, 65537)), "it has 1024 bits; use an RSA key of 2048 to 4096"},
		{"2047 bits", jwk(numbers(2047, 65537)), "it has 2047 bits"},
		{"4097 bits", spki(t, numbers(4097, 65537)), "it has 4097 bits"},
		{"16384 bits", spki(t, numbers(16384, 65537)), "it has 16384 bits"},
		{"even modulus", jwk(even), "it has 2048 bits"},
		{"exponent 3", spki(t, numbers(2048, 3)), "exponent"},
		{"even exponent", jwk(numbers(2048, 65538)), "exponent"},
		{"huge exponent", jwk(numbers(2048, 1<<32-1)), "exponent"},
		{"exponent beyond 32 bits", replace(`"AQAB"`, `"AQABAQAB"`), `"n" or "e"`},
		{"no exponent", replace(`"AQAB"`, `""`), `"n" or "e"`},
		{"no modulus", `{"kty":"RSA","e":"AQAB"}`, `"n" or "e"`},
		{"padding", replace(`"AQAB"`, `"AQAB="`), `"n" or "e"`},
		{"JWK of a curve", `{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`, `"kty"`},
		{"JWK for encryption", replace(`"sig"`, `"enc"`), `"use"`},
		{"JWK set", `{"keys":[` + jwk(public) + `]}`, `"kty"`},
		{"two JWKs", jwk(public) + jwk(public), "not a JWK"},
		{"no JSON", "{", "not a JWK"},
		{"very long", "{" + strings.Repeat(" ", 1<<20) + jwk(public)[1:], "longer than 8192 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, err := factor.ParseKey([]byte(tt.text))
			require.ErrorIs(t, err, factor.ErrRSAKey)
			require.ErrorContains(t, err, tt.says)
			require.Nil(t, key)
			require.Less(t, len(err.Error()), 200)
		})
	}
}

func TestNewRSAKey(t *testing.T) {
	require.Equal(t, 2048, private().N.BitLen())
	require.Equal(t, 65537, private().E)
	for _, bits := range []int{0, 1024, 2047, 2049, 4097, 8192} {
		_, err := factor.NewRSAKey(bits)
		require.ErrorIs(t, err, factor.ErrRSAKey, bits)
	}
}

// TestKeyFile reads the file as a machine does, and signs with it.
func TestKeyFile(t *testing.T) {
	text, err := factor.KeyFile{KeyID: credential, Client: factor.ClientID{Account: account, User: user}, Key: private()}.Encode()
	require.NoError(t, err)
	decoded, err := base64.StdEncoding.DecodeString(text.Reveal())
	require.NoError(t, err)
	var file map[string]string
	require.NoError(t, json.Unmarshal(decoded, &file))
	require.Len(t, file, 5)
	require.Equal(t, "serviceaccount", file["type"])
	require.Equal(t, credential, file["keyId"])
	require.Equal(t, user, file["userId"])
	require.Equal(t, user+"@"+account, file["clientId"])

	block, rest := pem.Decode([]byte(file["key"]))
	require.Empty(t, rest)
	require.Equal(t, "RSA PRIVATE KEY", block.Type)
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	require.NoError(t, err)
	digest := sha256.Sum256([]byte("assertion"))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	require.NoError(t, err)
	stored, err := factor.EncodeKey(&private().PublicKey)
	require.NoError(t, err)
	public, err := factor.ParseKey(stored)
	require.NoError(t, err)
	require.NoError(t, rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature))
	require.NotContains(t, string(stored), "PRIVATE")
}

// FuzzParseKey: what is accepted can be stored and read again.
func FuzzParseKey(f *testing.F) {
	public := &private().PublicKey
	f.Add([]byte(spki(f, public)))
	f.Add([]byte(pemOf(f, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(public), nil)))
	f.Add([]byte(jwk(public)))
	f.Add([]byte("-----BEGIN PUBLIC KEY-----"))
	f.Fuzz(func(t *testing.T, text []byte) {
		key, err := factor.ParseKey(text)
		if err != nil {
			require.ErrorIs(t, err, factor.ErrRSAKey)
			return
		}
		stored, err := factor.EncodeKey(key)
		require.NoError(t, err)
		again, err := factor.ParseKey(stored)
		require.NoError(t, err)
		require.True(t, key.Equal(again))
	})
}
