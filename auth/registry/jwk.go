package registry

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
)

// jwk has the members of a public key (RFC 7517, RFC 7518 section 6, RFC 8037
// section 2), and D, which only a private one has.
type jwk struct {
	Kty string `json:"kty"`
	Kid string `json:"kid"`
	Use string `json:"use"`
	Crv string `json:"crv"`
	N   string `json:"n"`
	E   string `json:"e"`
	X   string `json:"x"`
	Y   string `json:"y"`
	D   string `json:"d"`
}

func readJWK(text []byte) (key crypto.PublicKey, id string, err error) {
	var k jwk
	switch {
	case json.Unmarshal(text, &k) != nil:
		return nil, "", refuseKey("it is not a JWK")
	case k.D != "":
		return nil, "", errPrivateKey
	case k.Use != "" && k.Use != "sig":
		return nil, "", refuseKey(`the "use" of the JWK is not "sig"`)
	case k.Kid != "" && !printable(k.Kid, maxClaim):
		return nil, "", refuseKey(`the "kid" of the JWK is not 1 to 255 bytes of text`)
	}
	if key = k.key(); key == nil {
		return nil, "", refuseKey("the JWK is no RSA, EC or Ed25519 key, or one of its numbers is wrong")
	}
	return key, k.Kid, nil
}

// key returns nil if the members make none.
func (k jwk) key() crypto.PublicKey {
	n, e, x, y := decodeNumber(k.N), decodeNumber(k.E), decodeNumber(k.X), decodeNumber(k.Y)
	switch {
	case k.Kty == "RSA" && len(n) > 0 && len(e) > 0 && len(e) <= 4:
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	case k.Kty == "OKP" && k.Crv == "Ed25519" && len(x) == ed25519.PublicKeySize:
		return ed25519.PublicKey(x)
	case k.Kty == "EC":
		curve := curves[k.Crv]
		if curve == nil || len(x) != (curve.Params().BitSize+7)/8 || len(y) != len(x) {
			return nil
		}
		key, err := ecdsa.ParseUncompressedPublicKey(curve, append(append([]byte{4}, x...), y...))
		if err != nil {
			return nil
		}
		return key
	}
	return nil
}

var curves = map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}

// decodeNumber returns nil for what is no base64url.
func decodeNumber(text string) []byte {
	number, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil
	}
	return number
}

// thumbprint is that of RFC 7638 section 3 with SHA-256: of the required members
// alone, in the order of their names.
func thumbprint(key crypto.PublicKey) string {
	encode := base64.RawURLEncoding.EncodeToString
	var members string
	switch key := key.(type) {
	case *rsa.PublicKey:
		members = fmt.Sprintf(`{"e":%q,"kty":"RSA","n":%q}`, encode(big.NewInt(int64(key.E)).Bytes()), encode(key.N.Bytes()))
	case *ecdsa.PublicKey:
		point, _ := key.Bytes() // no error: checkPublicKey knows its curve
		x, y := point[1:1+len(point)/2], point[1+len(point)/2:]
		members = fmt.Sprintf(`{"crv":%q,"kty":"EC","x":%q,"y":%q}`, key.Curve.Params().Name, encode(x), encode(y))
	case ed25519.PublicKey:
		members = fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":%q}`, encode(key))
	}
	sum := sha256.Sum256([]byte(members))
	return encode(sum[:])
}
