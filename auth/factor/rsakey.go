package factor

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"roster/auth"
)

// ErrRSAKey: a text is no RSA public key that is accepted.
var ErrRSAKey = errors.New("the key is not usable")

// Bounds of a machine's RSA key, in bits. Shorter ones can be broken (RFC 7518
// section 3.3), longer ones make each verification dear.
const (
	MinKeyBits = 2048
	MaxKeyBits = 4096
)

const (
	minExponent = 1<<16 + 1 // FIPS 186-5 section A.1.1; nearly all keys have this one
	maxExponent = 1<<31 - 1 // more is not verified by crypto/rsa
)

// NewRSAKey generates a key of MinKeyBits to MaxKeyBits, a multiple of 8. That
// takes a processor for a tenth of a second to several, so bound how many at once.
func NewRSAKey(bits int) (*rsa.PrivateKey, error) {
	if bits < MinKeyBits || bits > MaxKeyBits || bits%8 != 0 {
		return nil, fmt.Errorf("%w: an RSA key has %d to %d bits, not %d", ErrRSAKey, MinKeyBits, MaxKeyBits, bits)
	}
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	return key, nil
}

// EncodeKey returns a public key as PEM (SPKI), which ParseKey takes back.
func EncodeKey(key *rsa.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: spkiType, Bytes: der}), nil
}

// KeyFile is what a machine is given of a key that was generated for it: all that
// it needs to sign client assertions (RFC 7523 section 3), which have KeyID as "kid"
// and the client id as "iss" and "sub".
type KeyFile struct {
	KeyID  string
	Client ClientID
	Key    *rsa.PrivateKey
}

// Encode returns the JSON
// {"type":"serviceaccount","keyId":…,"key":…,"userId":…,"clientId":…} in base64, with
// the private key as PEM (PKCS #1). It is shown once and never stored.
func (f KeyFile) Encode() (auth.Secret, error) {
	file, err := json.Marshal(struct {
		Type     string `json:"type"`
		KeyID    string `json:"keyId"`
		Key      string `json:"key"`
		UserID   string `json:"userId"`
		ClientID string `json:"clientId"`
	}{
		Type: "serviceaccount", KeyID: f.KeyID, UserID: f.Client.User, ClientID: f.Client.String(),
		Key: string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(f.Key)})),
	})
	if err != nil {
		return "", fmt.Errorf("encode key file: %w", err)
	}
	return auth.Secret(base64.StdEncoding.EncodeToString(file)), nil
}
