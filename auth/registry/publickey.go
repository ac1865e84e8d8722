package registry

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
)

const (
	maxKeyText  = 8 << 10 // bytes; the largest key takes less than two
	minRSABits  = 2048    // RFC 7518 section 3.3
	maxRSABits  = 4096    // longer ones make each verification dear
	maxExponent = 1<<31 - 1
	spkiType    = "PUBLIC KEY"
)

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
