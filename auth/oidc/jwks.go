package oidc

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

const (
	maxKeys = 100
	// Of an RSA key: RFC 7518 section 3.3, and what takes not too long to compute.
	minRSABits, maxRSABits = 2048, 8192
)

var errNoKeys = errors.New("the issuer publishes no key that can be used")

// parseKeys reads a key set and leaves out what does not verify signatures or is
// not known (RFC 7517 section 5). It fails if nothing is left.
func parseKeys(text []byte) ([]key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("read keys: %w", brief(err))
	}
	var keys []key
	for _, member := range set.Keys[:min(len(set.Keys), maxKeys)] {
		var k jose.JSONWebKey
		if json.Unmarshal(member, &k) == nil && verifies(k) {
			keys = append(keys, key{k.KeyID, k.Algorithm, k.Key})
		}
	}
	if len(keys) == 0 {
		return nil, errNoKeys
	}
	return keys, nil
}

// verifies reports whether a key is public and for signatures. What is symmetric,
// or private and so known to everybody, is not.
func verifies(k jose.JSONWebKey) bool {
	if !k.Valid() || k.Use != "" && k.Use != "sig" {
		return false
	}
	switch public := k.Key.(type) {
	case *rsa.PublicKey:
		bits := public.N.BitLen()
		return bits >= minRSABits && bits <= maxRSABits
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	}
	return false
}
