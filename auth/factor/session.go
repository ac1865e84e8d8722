package factor

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
)

// Ceremony is the first half of a registration or a login.
type Ceremony struct {
	Options []byte // JSON, for the browser
	Session []byte // for the second half, not for the browser
	Expires time.Time
}

// session is what the second half must know of the first.
type session struct {
	Kind    Kind
	Login   bool
	Expires time.Time
	Data    webauthn.SessionData
}

func (rp *RelyingParty) begin(kind Kind, login bool, options any, data *webauthn.SessionData, now time.Time) (Ceremony, error) {
	s := session{Kind: kind, Login: login, Expires: now.Add(rp.lifetime), Data: *data}
	encoded, err := json.Marshal(s)
	if err != nil {
		return Ceremony{}, fmt.Errorf("encode session: %w", err)
	}
	forBrowser, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, fmt.Errorf("encode options: %w", err)
	}
	return Ceremony{Options: forBrowser, Session: encoded, Expires: s.Expires}, nil
}

// resume reads a session and makes sure that the answer can still be taken.
func resume(encoded, response []byte, login bool, now time.Time) (session, error) {
	var s session
	if err := json.Unmarshal(encoded, &s); err != nil {
		return session{}, fmt.Errorf("decode session: %w", err)
	}
	switch {
	case s.Login != login:
		return session{}, fmt.Errorf("%w: it belongs to another ceremony", ErrCeremony)
	case !now.Before(s.Expires):
		return session{}, ErrExpired
	case len(response) > maxResponse:
		return session{}, fmt.Errorf("%w: it is longer than %d bytes", ErrCeremony, maxResponse)
	}
	return s, nil
}

// authenticator encodes a credential of the library.
func authenticator(kind Kind, c *webauthn.Credential) (Authenticator, error) {
	record, err := json.Marshal(c)
	if err != nil {
		return Authenticator{}, fmt.Errorf("encode authenticator: %w", err)
	}
	return Authenticator{ID: c.ID, Kind: kind, Record: record}, nil
}

func anyKind(Authenticator) bool { return true }

// withCredentials decodes the authenticators of a person that pass.
func (p Person) withCredentials(pass func(Authenticator) bool) (person, error) {
	known := person{Person: p}
	for _, a := range p.Authenticators {
		if !pass(a) {
			continue
		}
		var c webauthn.Credential
		if err := json.Unmarshal(a.Record, &c); err != nil {
			return person{}, fmt.Errorf("decode authenticator: %w", err)
		}
		known.credentials = append(known.credentials, c)
	}
	return known, nil
}
