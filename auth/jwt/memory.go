package jwt

import (
	"crypto"
	"crypto/sha256"
	"sync"

	"roster/auth"
)

// maxRemembered is how long the tokens of a Memory are together, in bytes. In
// memory, their claims take a few times as much.
const maxRemembered = 4 << 20

// Memory remembers of tokens that were verified what they say, and the key that
// they were verified with, so that a token that comes with each request is read and
// computed once. It decides nothing: Verify of a token of Parse does what it does
// otherwise, with the keys that it is given then, and only if the right one is among
// them, it knows that before it computes it. What failed is not remembered, and no
// token itself, only its hash. If there are too many, any one is forgotten. The zero
// value is ready, and may be used concurrently.
type Memory struct {
	mu     sync.RWMutex
	size   int // of all of them
	tokens map[[sha256.Size]byte]Token
}

// Parse is like the function, for tokens that the Memory is to remember. Their
// claims are shared: do not change them.
func (m *Memory) Parse(credential auth.Secret) (Token, error) {
	text := credential.Reveal()
	if !shaped(text) {
		return Token{}, ErrMalformed
	}
	hash := sha256.Sum256([]byte(text))
	m.mu.RLock()
	t, found := m.tokens[hash]
	m.mu.RUnlock()
	if found {
		t.text = text
		return t, nil
	}
	t, err := Parse(credential)
	t.memory, t.hash = m, hash
	return t, err
}

// remember takes note that a token was verified with a key.
func (m *Memory) remember(t Token, key crypto.PublicKey) {
	size := len(t.text)
	t.text, t.size, t.signer = "", size, key
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tokens == nil {
		m.tokens = map[[sha256.Size]byte]Token{}
	}
	m.forget(t.hash)
	for other := range m.tokens {
		if m.size+size <= maxRemembered {
			break
		}
		m.forget(other)
	}
	m.tokens[t.hash] = t
	m.size += size
}

func (m *Memory) forget(hash [sha256.Size]byte) {
	m.size -= m.tokens[hash].size
	delete(m.tokens, hash)
}

// signedWith reports whether it is known that a token is signed with a key.
func (t Token) signedWith(key crypto.PublicKey) bool {
	public, ok := key.(interface{ Equal(crypto.PublicKey) bool })
	return ok && t.signer != nil && public.Equal(t.signer)
}
