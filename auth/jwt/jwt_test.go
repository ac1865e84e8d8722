package jwt_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/jwt"
)

func write(header, claims string) auth.Secret {
	encode := base64.RawURLEncoding.EncodeToString
	return auth.Secret(encode([]byte(header)) + "." + encode([]byte(claims)) + ".c2lnbmF0dXJl")
}

const header = `{"alg":"ES256","kid":"k","typ":"JWT"}`

func TestParse(t *testing.T) {
	token, err := jwt.Parse(write(header, `{"iss":"i","sub":"s","aud":["a","b"],"exp":1,"n":"x"}`))
	require.NoError(t, err)
	require.Equal(t, []any{"ES256", "k", "JWT", "i", "s"}, []any{token.Algorithm, token.KeyID, token.Type, token.Issuer, token.Subject})
	require.Equal(t, []string{"a", "b"}, token.Audience)
	require.True(t, token.IsFor("x", "b"))
	require.False(t, token.IsFor("x"))
	require.Equal(t, "x", token.Text("n"))
	require.Empty(t, token.Text("exp"))

	for name, bad := range map[string]auth.Secret{
		"empty":                      "",
		"two parts":                  "e30.e30",
		"four parts":                 "e30.e30.e30.e30",
		"padding":                    "e30=.e30.e30",
		"line break":                 write(header, `{}`) + "\n",
		"a list for a header":        write(`[]`, `{}`),
		"null":                       write(`null`, `null`),
		"null claims":                write(header, `null`),
		"more behind":                write(header, `{} {}`),
		"1 MB":                       write(header, `{"x":"`+strings.Repeat("x", 1<<20)+`"}`),
		"deep":                       write(header, `{"x":`+strings.Repeat("[", 12_000)+`}`),
		"a claim twice":              write(header, `{"sub":"a","sub":"b"}`),
		"a claim twice, one escaped": write(header, `{"sub":"a","s\u0075b":"b"}`),
		"a claim twice, deeper":      write(header, `{"x":{"a":1,"a":2}}`),
		"alg twice":                  write(`{"alg":"ES256","alg":"none"}`, `{}`),
		"crit":                       write(`{"alg":"ES256","crit":["exp"],"exp":1}`, `{}`),
		"alg, a number":              write(`{"alg":1}`, `{}`),
		"kid, null":                  write(`{"alg":"ES256","kid":null}`, `{}`),
		"iss, a list":                write(header, `{"iss":["i"]}`),
		"aud, a number":              write(header, `{"aud":1}`),
		"aud, numbers":               write(header, `{"aud":[1]}`),
		"many audiences":             write(header, `{"aud":["a"`+strings.Repeat(`,"a"`, 10)+`]}`),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := jwt.Parse(bad)
			require.Equal(t, jwt.ErrMalformed, err)
		})
	}
}

// TestCaseCounts: encoding/json would take these for the claims.
func TestCaseCounts(t *testing.T) {
	token, err := jwt.Parse(write(`{"ALG":"none","alg":"ES256"}`, `{"sub":"a","SUB":"b","Iss":"i","Exp":1}`))
	require.NoError(t, err)
	require.Equal(t, []string{"ES256", "a", ""}, []string{token.Algorithm, token.Subject, token.Issuer})
	require.ErrorIs(t, token.ValidAt(time.Unix(0, 0), 0), jwt.ErrEnd)
}

// TestVerify: each algorithm with its kind of key, and with no other.
func TestVerify(t *testing.T) {
	algorithms := []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
	for _, algorithm := range algorithms {
		t.Run(algorithm, func(t *testing.T) {
			key, other := authtest.NewKey(t, "k", algorithm), authtest.NewKey(t, "k", algorithm)
			token, err := jwt.Parse(key.Sign(t, map[string]any{"sub": "s"}))
			require.NoError(t, err)
			require.NoError(t, token.Verify(other.Public().Key, key.Public().Key))
			require.Equal(t, jwt.ErrSignature, token.Verify(other.Public().Key))
			require.Equal(t, jwt.ErrSignature, token.Verify())
			require.Equal(t, jwt.ErrSignature, token.Verify(key.Key), "a private key verifies nothing")
			for _, wrong := range append(algorithms, "none", "HS256", "") {
				if token.Algorithm = wrong; wrong != algorithm {
					require.Equal(t, jwt.ErrSignature, token.Verify(key.Public().Key, []byte("secret")), wrong)
				}
			}
		})
	}
}

// TestSharedSecret: what verifies a token must not be able to make one.
func TestSharedSecret(t *testing.T) {
	shared := []byte("0123456789abcdef0123456789abcdef")
	key := &authtest.Key{JSONWebKey: jose.JSONWebKey{Key: shared, Algorithm: "HS256"}}
	token, err := jwt.Parse(key.Sign(t, map[string]any{"sub": "s"}))
	require.NoError(t, err)
	require.Equal(t, jwt.ErrSignature, token.Verify(shared))
}

func TestValidAt(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	for claims, want := range map[string]error{
		`{"exp":1000001}`:                       nil,
		`{"exp":999941}`:                        nil,
		`{"exp":999940}`:                        jwt.ErrExpired,
		`{"exp":-1e300}`:                        jwt.ErrExpired,
		`{"exp":1e300}`:                         nil,
		`{"exp":1000001.5,"nbf":1000060}`:       nil,
		`{"exp":2000000,"nbf":1000061}`:         jwt.ErrEarly,
		`{"exp":2000000,"nbf":1,"iat":1000061}`: jwt.ErrEarly,
		`{"exp":2000000,"nbf":"1"}`:             jwt.ErrEnd,
		`{"exp":2000000,"iat":null}`:            jwt.ErrEnd,
		`{"exp":"2000000"}`:                     jwt.ErrEnd,
		`{"exp":null}`:                          jwt.ErrEnd,
		`{}`:                                    jwt.ErrEnd,
	} {
		token, err := jwt.Parse(write(header, claims))
		require.NoError(t, err, claims)
		require.Equal(t, want, token.ValidAt(now, time.Minute), claims)
	}
}

// FuzzParse: whatever is sent is a token or none, and verifies with no key that did
// not sign it.
func FuzzParse(f *testing.F) {
	key := authtest.NewKey(f, "k", "ES256")
	signed := key.Sign(f, map[string]any{"iss": "i", "aud": []string{"a"}, "exp": 1})
	f.Add(signed.Reveal())
	f.Add(write(header, `{"exp":1,"crit":["x"]}`).Reveal())
	f.Add("..")
	payload, _, _ := strings.Cut(signed.Reveal()[strings.Index(signed.Reveal(), ".")+1:], ".")
	f.Fuzz(func(t *testing.T, text string) {
		token, err := jwt.Parse(auth.Secret(text))
		if err != nil {
			return
		}
		_ = token.ValidAt(time.Unix(1, 0), time.Minute)
		if token.Verify(key.Public().Key) == nil {
			require.Equal(t, payload, strings.Split(text, ".")[1])
		}
	})
}
