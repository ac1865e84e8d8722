package registry

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
)

const (
	maxKeyText  = 8 << 10 // bytes; the largest key takes less than two
	minRSABits  = 2048    // RFC 7518 section 3.3
	maxRSABits  = 4096    // longer ones make each verification dear
	maxExponent = 1<<31 - 1
	spkiType    = "PUBLIC KEY"
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

// readPublicKey reads a key as PEM (SPKI) or JWK, and returns it as PKIX with the
// id by which assertions name it: the `kid` of the JWK, or else its thumbprint
// (RFC 7638).
func readPublicKey(text []byte) (pkix []byte, id string, err error) {
	if len(text) > maxKeyText {
		return nil, "", refuseKey("it is longer than %d bytes", maxKeyText)
	}
	var key crypto.PublicKey
	if text = bytes.TrimSpace(text); bytes.HasPrefix(text, []byte("{")) {
		key, id, err = readJWK(text)
	} else {
		key, err = readPEM(text)
	}
	if err != nil {
		return nil, "", err
	}
	if err := checkPublicKey(key); err != nil {
		return nil, "", err
	}
	if pkix, err = x509.MarshalPKIXPublicKey(key); err != nil {
		return nil, "", refuseKey("it is not on its curve")
	}
	if id == "" {
		id = thumbprint(key)
	}
	return pkix, id, nil
}

func readPEM(text []byte) (crypto.PublicKey, error) {
	block, rest := pem.Decode(text)
	switch {
	case block == nil || !bytes.HasPrefix(text, []byte("-----BEGIN ")) || len(rest) > 0:
		return nil, refuseKey("it is neither one PEM block of a public key nor a JWK")
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, errPrivateKey
	case block.Type != spkiType:
		return nil, refuseKey("its PEM block is not %q", spkiType)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, refuseKey("its PEM block is damaged, or of an unknown algorithm")
	}
	return key, nil
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

func checkPublicKey(key crypto.PublicKey) error {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSABits || bits > maxRSABits || key.N.Bit(0) == 0 {
			return refuseKey("it has %d bits; use an RSA key of %d to %d", bits, minRSABits, maxRSABits)
		}
		if key.E < 1<<16+1 || key.E > maxExponent || key.E%2 == 0 { // FIPS 186-5 section A.1.1
			return refuseKey("its exponent is not odd and 65537 or more")
		}
		return nil
	case *ecdsa.PublicKey:
		if curves[key.Curve.Params().Name] != key.Curve {
			return refuseKey("its curve is not P-256, P-384 or P-521")
		}
		return nil
	case ed25519.PublicKey:
		return nil
	}
	return refuseKey("it is not RSA, EC or Ed25519")
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

// errPrivateKey: it should never have left its machine.
var errPrivateKey = refuseKey("it is a private key, which nobody else may know: make another and send its public key")

// refuseKey does not repeat the key.
func refuseKey(format string, values ...any) error {
	return fmt.Errorf("the key is %w: %s", ErrInvalid, fmt.Sprintf(format, values...))
}

// encodePublicKey returns a key as PEM (SPKI), nil for none.
func encodePublicKey(pkix []byte) []byte {
	if pkix == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: spkiType, Bytes: pkix})
}
