package factor

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// BeginRegistration starts to register an authenticator of a person, who must not
// have it yet.
func (rp *RelyingParty) BeginRegistration(p Person, kind Kind, now time.Time) (Ceremony, error) {
	known, err := p.withCredentials(anyKind)
	if err != nil {
		return Ceremony{}, err
	}
	selection := protocol.AuthenticatorSelection{
		ResidentKey: protocol.ResidentKeyRequirementDiscouraged, RequireResidentKey: protocol.ResidentKeyNotRequired(),
		UserVerification: protocol.VerificationDiscouraged,
	}
	if kind == Passkey {
		selection = protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		}
	}
	options, data, err := rp.library.BeginRegistration(known,
		webauthn.WithAuthenticatorSelection(selection),
		webauthn.WithExclusions(webauthn.Credentials(known.credentials).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin registration: %w", err)
	}
	return rp.begin(kind, false, options.Response, data, now)
}

// FinishRegistration returns the new authenticator of the person for whom the
// registration was begun. It fails with ErrCeremony or ErrExpired, and else if the
// session is none.
//
// That no other user has the same credential id (WebAuthn section 7.1) is not
// known here. It would do no harm: a login looks at the authenticators of one
// person only.
func (rp *RelyingParty) FinishRegistration(p Person, sessionBytes, response []byte, now time.Time) (Authenticator, error) {
	s, err := resume(sessionBytes, response, false, now)
	if err != nil {
		return Authenticator{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Authenticator{}, refused(err)
	}
	credential, err := rp.library.CreateCredential(person{Person: p}, s.Data, parsed)
	if err != nil {
		return Authenticator{}, refused(err)
	}
	if slices.ContainsFunc(p.Authenticators, func(a Authenticator) bool { return bytes.Equal(a.ID, credential.ID) }) {
		return Authenticator{}, fmt.Errorf("%w: this authenticator is registered already", ErrCeremony)
	}
	return authenticator(s.Kind, credential)
}
