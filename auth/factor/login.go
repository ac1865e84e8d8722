package factor

import (
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// BeginPasskeyLogin starts a login by a passkey. It needs no user, so it cannot
// tell whether there is one.
func (rp *RelyingParty) BeginPasskeyLogin(now time.Time) (Ceremony, error) {
	options, data, err := rp.library.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin login: %w", err)
	}
	return rp.begin(Passkey, true, options.Response, data, now)
}

// BeginSecondFactor asks a person, who has shown the password, for one of the
// authenticators, of either kind. It fails with ErrNoAuthenticator if there is none.
func (rp *RelyingParty) BeginSecondFactor(p Person, now time.Time) (Ceremony, error) {
	known, err := p.withCredentials(anyKind)
	if err != nil {
		return Ceremony{}, err
	}
	if len(known.credentials) == 0 {
		return Ceremony{}, ErrNoAuthenticator
	}
	options, data, err := rp.library.BeginLogin(known, webauthn.WithUserVerification(protocol.VerificationDiscouraged))
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin second factor: %w", err)
	}
	return rp.begin(U2F, true, options.Response, data, now)
}

// FinishLogin checks the answer of the person, and returns the authenticator that
// gave it, with its new counter, to be stored in place of the old one. After
// BeginPasskeyLogin only passkeys can answer. It fails with ErrCeremony, ErrExpired
// or ErrCloned, and else if the session or what is stored is damaged.
func (rp *RelyingParty) FinishLogin(p Person, sessionBytes, response []byte, now time.Time) (Authenticator, error) {
	s, err := resume(sessionBytes, response, true, now)
	if err != nil {
		return Authenticator{}, err
	}
	known, err := p.withCredentials(func(a Authenticator) bool { return s.Kind != Passkey || a.Kind == Passkey })
	if err != nil {
		return Authenticator{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Authenticator{}, refused(err)
	}
	credential, err := rp.validate(known, s, parsed)
	if err != nil {
		return Authenticator{}, refused(err)
	}
	if credential.Authenticator.CloneWarning {
		return Authenticator{}, ErrCloned
	}
	return p.updated(credential)
}

func (rp *RelyingParty) validate(p person, s session, parsed *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	if s.Kind != Passkey {
		return rp.library.ValidateLogin(p, s.Data, parsed)
	}
	_, credential, err := rp.library.ValidatePasskeyLogin(
		func(_, _ []byte) (webauthn.User, error) { return p, nil }, s.Data, parsed)
	return credential, err
}

// updated returns the person's authenticator with what has changed.
func (p Person) updated(c *webauthn.Credential) (Authenticator, error) {
	for _, a := range p.Authenticators {
		if string(a.ID) == string(c.ID) {
			return authenticator(a.Kind, c)
		}
	}
	return Authenticator{}, fmt.Errorf("%w: it is of another authenticator", ErrCeremony)
}
