package factor

import (
	"fmt"

	"roster/auth"
)

// Form is a kind of text by which a machine shows who it is.
type Form string

// The forms.
const (
	ClientSecret Form = "secret" // to be changed for an access token (RFC 6749 section 2.3.1)
	AccessToken  Form = "pat"    // a personal access token, itself a bearer token
)

// MachinePattern is the regular expression of a whole client secret or personal
// access token.
const MachinePattern = `roster_(secret|pat)_[0-9a-f]{96}[0-9A-Za-z]{49}`

// MachineToken is whose a client secret or access token is, and where it is kept.
type MachineToken struct {
	Form       Form
	Account    string // id
	User       string // id
	Credential string // id
}

// Mint returns a new secret or token of 256 random bits, which also says whose it
// is:
//
//	roster_pat_ account user credential random checksum
//
// The ids are their 32 hexadecimal digits, the rest is as in package token. So no
// index is needed to find it, only its document. It fails with ErrToken if the form
// is none or the ids are no UUIDs. Only its Hash is to be stored.
func (m MachineToken) Mint() (auth.Secret, error) {
	if m.Form != ClientSecret && m.Form != AccessToken {
		return "", fmt.Errorf("%w: there is no form %q", ErrToken, m.Form)
	}
	return mint(m.Form.prefix(), m.Account, m.User, m.Credential)
}

// ParseMachineToken returns what a client secret or access token claims to be. It
// proves nothing: anybody can write such a text, only Matches tells whether it was
// minted. It fails with ErrToken.
func ParseMachineToken(s auth.Secret) (m MachineToken, err error) {
	for _, form := range []Form{ClientSecret, AccessToken} {
		m = MachineToken{Form: form}
		if err = parse(s, form.prefix(), &m.Account, &m.User, &m.Credential); err == nil {
			return m, nil
		}
	}
	return MachineToken{}, fmt.Errorf("%w: it is neither a client secret nor an access token", ErrToken)
}

func (f Form) prefix() string { return "roster_" + string(f) + "_" }
