package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Why a token is not good.
var (
	ErrSignature = errors.New("its signature is wrong")
	ErrEnd       = errors.New("it has no usable end")
	ErrExpired   = errors.New("it has expired")
	ErrEarly     = errors.New("it is not valid yet")
)

// Verify fails with ErrSignature unless the token is signed with the private half
// of one of the keys.
func (t Token) Verify(keys ...crypto.PublicKey) error {
	if slices.ContainsFunc(keys, t.signedWith) {
		return nil
	}
	for _, key := range keys {
		if !slices.Contains(Algorithms(key), t.Algorithm) {
			continue
		}
		signed, err := jose.ParseSignedCompact(t.text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(t.Algorithm)})
		if err != nil {
			return ErrSignature
		}
		if _, err := signed.Verify(key); err == nil {
			if t.memory != nil {
				t.memory.remember(t, key)
			}
			return nil
		}
	}
	return ErrSignature
}

// Algorithms lists what a key can verify (RFC 7518 section 3.1, RFC 8037 section
// 3.1): nothing, if it is not public.
func Algorithms(key crypto.PublicKey) []string {
	switch public := key.(type) {
	case *rsa.PublicKey:
		return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
	case *ecdsa.PublicKey:
		switch public.Params().BitSize {
		case 256:
			return []string{"ES256"}
		case 384:
			return []string{"ES384"}
		case 521:
			return []string{"ES512"}
		}
	case ed25519.PublicKey:
		return []string{"EdDSA"}
	}
	return nil
}

// Window returns from when to when the token is valid, in seconds since 1970 (RFC
// 7519 sections 4.1.4 to 4.1.6). It fails with ErrEnd: a token must have an end, as
// RFC 7523 section 3 and RFC 9068 section 2.2 want it.
func (t Token) Window() (begin, end float64, err error) {
	end, isNumber := t.Claims["exp"].(float64)
	if !isNumber {
		return 0, 0, ErrEnd
	}
	for _, name := range []string{"nbf", "iat"} {
		value, told := t.Claims[name]
		since, isNumber := value.(float64)
		if told && !isNumber {
			return 0, 0, ErrEnd
		}
		begin = max(begin, since)
	}
	return begin, end, nil
}

// ValidAt fails with ErrEnd, ErrExpired or ErrEarly unless the token is valid at
// that time. Skew is how far the clocks may be apart.
func (t Token) ValidAt(now time.Time, skew time.Duration) error {
	begin, end, err := t.Window()
	at, tolerance := float64(now.Unix()), skew.Seconds()
	switch {
	case err != nil:
		return err
	case at >= end+tolerance:
		return ErrExpired
	case at < begin-tolerance:
		return ErrEarly
	}
	return nil
}
