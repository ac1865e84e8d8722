// Package factortest has a passkey or security key in software, for the tests of
// whatever speaks Web Authentication: it takes the options that a server sends to a
// browser, and returns the JSON that the browser would send back. By its fields it
// can be made to do what a server must refuse.
package factortest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
)

// ErrExcluded: the authenticator holds one of the credentials that options exclude,
// and ErrNone: it holds none that they ask for. A browser would send nothing.
var (
	ErrExcluded = errors.New("this authenticator is registered already")
	ErrNone     = errors.New("no credential for these options")
)

// Authenticator is a browser with an authenticator that holds ES256 keys. It is not
// for concurrent use.
type Authenticator struct {
	Origin       string // the page that the browser shows
	Challenge    string // in base64url; if set, it is signed instead of the one that was sent
	CrossOrigin  bool   // the page is in a frame of another site
	Unverified   bool   // nobody enters a PIN or shows a finger
	Absent       bool   // nobody touches it
	SelfAttested bool   // new keys sign for themselves ("packed") instead of attesting nothing
	NoCounter    bool   // it keeps none, as passkeys that are synchronised

	credentials []*credential
}

type credential struct {
	id           []byte
	site         string
	user         []byte // the user handle
	discoverable bool   // found without its id
	key          *ecdsa.PrivateKey
	counter      uint32
}

// New returns an authenticator without credentials, on a page of that origin.
func New(origin string) *Authenticator { return &Authenticator{Origin: origin} }

// Clone returns another one with copies of all keys and counters.
func (a *Authenticator) Clone() *Authenticator {
	clone := *a
	clone.credentials = slices.Clone(a.credentials)
	for i, c := range clone.credentials {
		twin := *c
		clone.credentials[i] = &twin
	}
	return &clone
}

// Register makes a credential as options ask for it, and returns the
// RegistrationResponseJSON (WebAuthn section 5.1). The options may be in a member
// publicKey. It fails with ErrExcluded.
func (a *Authenticator) Register(creationOptions []byte) ([]byte, error) {
	o, err := parse(creationOptions)
	if err != nil {
		return nil, err
	}
	for _, id := range o.Exclude {
		if a.find(id) != nil {
			return nil, ErrExcluded
		}
	}
	c := &credential{
		id: make([]byte, 16), site: o.RP.ID, user: o.User.ID,
		discoverable: o.Selection.ResidentKey == "required",
	}
	rand.Read(c.id)
	if c.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	a.credentials = append(a.credentials, c)
	return a.registration(c, o.Challenge)
}

// Login signs in with a credential that options allow, or with the newest passkey
// of that site if they name none, and returns the AuthenticationResponseJSON. The
// options may be in a member publicKey. It fails with ErrNone.
func (a *Authenticator) Login(requestOptions []byte) ([]byte, error) {
	o, err := parse(requestOptions)
	if err != nil {
		return nil, err
	}
	c := a.choose(o)
	if c == nil {
		return nil, ErrNone
	}
	if !a.NoCounter {
		c.counter++
	}
	return a.assertion(c, o.Challenge)
}

func (a *Authenticator) find(d descriptor) *credential {
	for _, c := range a.credentials {
		if string(c.id) == string(d.ID) {
			return c
		}
	}
	return nil
}

func (a *Authenticator) choose(o options) *credential {
	for _, id := range o.Allow {
		if c := a.find(id); c != nil && c.site == o.RPID {
			return c
		}
	}
	for _, c := range slices.Backward(a.credentials) {
		if len(o.Allow) == 0 && c.discoverable && c.site == o.RPID {
			return c
		}
	}
	return nil
}
