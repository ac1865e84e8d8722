package factor

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"

	"roster/auth"
)

var (
	// ErrKey: the server's key is too short.
	ErrKey = errors.New("the key has less than 32 bytes")
	// ErrSealed: a value was not sealed by this key for that use, or was changed.
	ErrSealed = errors.New("the sealed value cannot be opened")
)

// Key is the server's own secret. It guards what a plain hash cannot: short codes,
// and secrets that must be read again. It does so as long as it is not kept with
// the data. It may be used concurrently, and prints nothing of itself.
type Key struct {
	// Functions, because fmt prints what is in fields, however deep, but no closures.
	mac  func() hash.Hash
	aead func() cipher.AEAD
}

// NewKey makes a key of at least 32 random bytes. With another one, the values of
// the first match nothing and cannot be opened. It fails with ErrKey.
func NewKey(secret auth.Secret) (*Key, error) {
	if len(secret) < 32 {
		return nil, ErrKey
	}
	mac, err := derive(secret, "roster one-time codes")
	if err != nil {
		return nil, err
	}
	seal, err := derive(secret, "roster sealed secrets")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return &Key{
		mac:  func() hash.Hash { return hmac.New(sha256.New, mac) },
		aead: func() cipher.AEAD { return aead },
	}, nil
}

// derive keeps the two duties of the key apart (RFC 5869).
func derive(secret auth.Secret, duty string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret.Reveal()), nil, duty, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return key, nil
}

// Seal encrypts what must be read again, such as the secret of an authenticator
// app (RFC 6238 section 5.1), by AES-256-GCM. What is sealed for one use cannot be
// opened for another, so that it cannot be moved to another user. The result is 28
// bytes longer and differs each time.
func (k *Key) Seal(u Use, plain []byte) []byte { return k.aead().Seal(nil, nil, plain, u.bytes()) }

// Open returns what was sealed for that use, or fails with ErrSealed.
func (k *Key) Open(u Use, sealed []byte) ([]byte, error) {
	plain, err := k.aead().Open(nil, nil, sealed, u.bytes())
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

const saltLength = 16

// HashCode returns what is stored of a one-time or recovery code in its place: a
// salt and an HMAC-SHA256.
//
// A code of six digits has a million values. No hash is slow enough to keep them
// from being tried by somebody who has the data, so the hash needs the key, which
// that person has not. The salt and the use make the hashes of equal codes differ,
// and keep a hash from being copied to another user.
//
// The code is of NewCode, NewRecoveryCodes or ImportableCode; the hash of anything
// else matches nothing.
func (k *Key) HashCode(u Use, code auth.Secret) []byte {
	salt := make([]byte, saltLength)
	rand.Read(salt) // never fails: it ends the process instead
	return k.appendMAC(salt, u, normalise(code))
}

// CodeMatches reports whether hash is that of the code for that use, in a time that
// does not depend on where they differ. How a person writes the code, with spaces,
// hyphens or capitals, does not matter.
func (k *Key) CodeMatches(u Use, code auth.Secret, hash []byte) bool {
	text := normalise(code)
	if text == "" || len(hash) != saltLength+sha256.Size {
		return false
	}
	return hmac.Equal(k.appendMAC(hash[:saltLength:saltLength], u, text), hash)
}

// FindCode returns which of the hashes is that of the code, and false if none is.
// It looks at all of them.
func (k *Key) FindCode(u Use, code auth.Secret, hashes [][]byte) (index int, found bool) {
	for i, hash := range hashes {
		if k.CodeMatches(u, code, hash) {
			index, found = i, true
		}
	}
	return index, found
}

func (k *Key) appendMAC(salt []byte, u Use, text string) []byte {
	m := k.mac()
	m.Write(salt)
	m.Write(u.bytes())
	m.Write([]byte(text))
	return m.Sum(salt)
}
