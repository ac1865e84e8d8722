package factor

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Kind is what an authenticator is used for.
type Kind string

// The kinds.
const (
	// Passkey signs in by itself: it is found without a name (a discoverable
	// credential) and makes sure that it is in its owner's hand (user verification).
	Passkey Kind = "passkey"
	// U2F is a second factor beside the password: it only shows that it is there.
	U2F Kind = "u2f"
)

var (
	// ErrCeremony: the answer of a browser is malformed, does not belong to what was
	// asked, or is not signed as it must be.
	ErrCeremony = errors.New("the answer of the authenticator is not valid")
	// ErrExpired: the answer came too late.
	ErrExpired = errors.New("the time for the answer is over")
	// ErrNoAuthenticator: the person has no authenticator that could answer.
	ErrNoAuthenticator = errors.New("there is no authenticator")
	// ErrCloned: the authenticator's counter did not advance, so there may be two of
	// it (WebAuthn section 6.1.1). The answer is otherwise right.
	ErrCloned = errors.New("the authenticator may have been cloned")
)

const (
	defaultLifetime = 5 * time.Minute
	maxResponse     = 64 << 10 // bytes of a browser's answer
)

// RelyingPartyConfig says for which sites credentials are made.
type RelyingPartyConfig struct {
	// ID is the domain that credentials are bound to, such as "example.com": that of
	// the origins, or a parent of it. Required; with another one, no credential works
	// any more.
	ID string
	// Name is shown to people. Required.
	Name string
	// Origins are those from which answers may come, such as
	// "https://login.example.com". At least one.
	Origins []string
	// Lifetime is how long an answer may take, 5 minutes if 0.
	Lifetime time.Duration
}

// RelyingParty registers passkeys and security keys, and signs in with them, as in
// Web Authentication Level 3 (W3C). It may be used concurrently.
//
// Each ceremony has two halves. The first returns options in JSON for the browser,
// as parseCreationOptionsFromJSON and parseRequestOptionsFromJSON take them, and
// a session. The caller keeps the session where the user cannot change it, takes it
// away when the second half has succeeded or its time is over, and hands it there
// with the browser's answer, which is the JSON of the PublicKeyCredential.
//
// No attestation is asked for: any make of authenticator will do.
type RelyingParty struct {
	library  *webauthn.WebAuthn
	lifetime time.Duration
}

// NewRelyingParty checks the configuration.
func NewRelyingParty(c RelyingPartyConfig) (*RelyingParty, error) {
	if c.Lifetime <= 0 {
		c.Lifetime = defaultLifetime
	}
	if c.ID == "" || c.Name == "" {
		return nil, errors.New("a relying party needs an id, which is a domain, and a name")
	}
	for _, origin := range c.Origins {
		if err := checkOrigin(origin, c.ID); err != nil {
			return nil, err
		}
	}
	timeout := webauthn.TimeoutConfig{Timeout: c.Lifetime, TimeoutUVD: c.Lifetime}
	library, err := webauthn.New(&webauthn.Config{
		RPID: c.ID, RPDisplayName: c.Name, RPOrigins: c.Origins,
		AttestationPreference: protocol.PreferNoAttestation,
		Timeouts:              webauthn.TimeoutsConfig{Login: timeout, Registration: timeout},
		// Password managers send outputs that nobody asked for; they are not used.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("relying party %s: %w", c.ID, err)
	}
	return &RelyingParty{library, c.Lifetime}, nil
}

// checkOrigin finds the origins that no browser would let use the id. Those of
// apps, such as "android:apk-key-hash:…", cannot be judged.
func checkOrigin(origin, id string) error {
	u, err := url.Parse(origin)
	if err != nil {
		return fmt.Errorf("the origin %q is not a URL", origin)
	}
	host := u.Hostname()
	secure := u.Scheme == "https" || u.Scheme == "http" && host == "localhost"
	switch web := u.Scheme == "https" || u.Scheme == "http"; {
	case web && !secure:
		return fmt.Errorf("the origin %q must be https, or http on localhost", origin)
	case web && host != id && !strings.HasSuffix(host, "."+id):
		return fmt.Errorf("the origin %q is not in the domain %s of the relying party", origin, id)
	case web && origin != u.Scheme+"://"+u.Host:
		return fmt.Errorf("the origin %q must be scheme, host and port alone, without a slash behind", origin)
	}
	return nil
}

// Authenticator is a registered passkey or security key.
type Authenticator struct {
	ID     []byte // the credential id, 1 to 1023 bytes
	Kind   Kind
	Record []byte // JSON: the public key, the counter, and all that is needed later
}

// Person is the user of a ceremony.
type Person struct {
	ID             string // the user's id, at most 64 bytes: the user handle
	Name           string // such as the user name
	DisplayName    string
	Authenticators []Authenticator
}

// person is a Person as the library asks for one.
type person struct {
	Person
	credentials []webauthn.Credential
}

func (p person) WebAuthnID() []byte                         { return []byte(p.ID) }
func (p person) WebAuthnName() string                       { return p.Name }
func (p person) WebAuthnDisplayName() string                { return p.DisplayName }
func (p person) WebAuthnCredentials() []webauthn.Credential { return p.credentials }

// refused hides the details that the library keeps for developers, such as the
// challenge.
func refused(err error) error { return fmt.Errorf("%w: %v", ErrCeremony, err) }
