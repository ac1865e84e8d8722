package factor

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
)

const (
	maxKeyText = 8 << 10 // bytes; a key of MaxKeyBits takes less than one
	spkiType   = "PUBLIC KEY"
	pkcs1Type  = "RSA PUBLIC KEY"
)

// ParseKey reads the public key of a machine: PEM, as SPKI ("PUBLIC KEY") or PKCS #1
// ("RSA PUBLIC KEY"), or one JWK (RFC 7517). It must be RSA of MinKeyBits to
// MaxKeyBits, with an odd exponent of 65537 or more. A private key is refused: it
// should never have left its machine. It fails with ErrRSAKey, which says why and
// does not repeat the key.
func ParseKey(text []byte) (*rsa.PublicKey, error) {
	if len(text) > maxKeyText {
		return nil, refuseKey("it is longer than %d bytes", maxKeyText)
	}
	read := readPEM
	if text = bytes.TrimSpace(text); bytes.HasPrefix(text, []byte("{")) {
		read = readJWK
	}
	key, err := read(text)
	if err != nil {
		return nil, err
	}
	if bits := key.N.BitLen(); bits < MinKeyBits || bits > MaxKeyBits || key.N.Bit(0) == 0 {
		return nil, refuseKey("it has %d bits; use an RSA key of %d to %d", bits, MinKeyBits, MaxKeyBits)
	}
	if key.E < minExponent || key.E > maxExponent || key.E%2 == 0 {
		return nil, refuseKey("its exponent is not odd and from %d to %d", minExponent, maxExponent)
	}
	return key, nil
}

func readPEM(text []byte) (*rsa.PublicKey, error) {
	block, rest := pem.Decode(text)
	if block == nil || !bytes.HasPrefix(text, []byte("-----BEGIN ")) || len(rest) > 0 {
		return nil, refuseKey("it is neither one PEM block of a public key nor a JWK")
	}
	var key any
	var err error
	switch {
	case block.Type == spkiType:
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case block.Type == pkcs1Type:
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, refusePrivateKey()
	default:
		return nil, refuseKey("its PEM block is neither %q nor %q", spkiType, pkcs1Type)
	}
	if err != nil {
		return nil, refuseKey("its PEM block is damaged, or of an algorithm other than RSA")
	}
	if public, ok := key.(*rsa.PublicKey); ok {
		return public, nil
	}
	return nil, refuseKey("it is not RSA")
}

// readJWK reads the members of RFC 7518 section 6.3.
func readJWK(text []byte) (*rsa.PublicKey, error) {
	var jwk struct{ Kty, Use, N, E, D string }
	if json.Unmarshal(text, &jwk) != nil {
		return nil, refuseKey("it is not a JWK")
	}
	n, wrongN := base64.RawURLEncoding.Strict().DecodeString(jwk.N)
	e, wrongE := base64.RawURLEncoding.Strict().DecodeString(jwk.E)
	switch {
	case jwk.D != "":
		return nil, refusePrivateKey()
	case jwk.Kty != "RSA":
		return nil, refuseKey(`the "kty" of the JWK is not "RSA"`)
	case jwk.Use != "" && jwk.Use != "sig":
		return nil, refuseKey(`the "use" of the JWK is not "sig"`)
	case wrongN != nil || wrongE != nil || len(n) == 0 || len(e) == 0 || len(e) > 4:
		return nil, refuseKey(`"n" or "e" of the JWK is not a number in base64url`)
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
}

func refuseKey(format string, values ...any) error {
	return fmt.Errorf("%w: %s", ErrRSAKey, fmt.Sprintf(format, values...))
}

func refusePrivateKey() error {
	return refuseKey("it is a private key, which nobody else may know: make another and send its public key")
}
