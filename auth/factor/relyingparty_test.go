package factor_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/factor"
	"roster/auth/factor/factortest"
)

func TestRegisterAndLogin(t *testing.T) {
	for _, kind := range []factor.Kind{factor.Passkey, factor.U2F} {
		for name, device := range map[string]factortest.Authenticator{
			"no attestation": {}, "self attestation": {SelfAttested: true}, "no counter": {NoCounter: true},
		} {
			t.Run(string(kind)+", "+name, func(t *testing.T) {
				b := newBrowser(t)
				device.Origin = origin
				b.device = &device
				a := b.register(kind)
				require.Equal(t, kind, a.Kind)
				require.Len(t, a.ID, 16)
				for range 3 {
					used, err := b.login(kind)
					require.NoError(t, err)
					require.Equal(t, a.ID, used.ID)
					require.Equal(t, kind, used.Kind)
					require.Equal(t, device.NoCounter, string(used.Record) == string(a.Record), "the counter moves")
					b.person.Authenticators[0], a = used, used
				}
			})
		}
	}
}

func TestNewRelyingParty(t *testing.T) {
	tests := []struct {
		name, id, title string
		origins         []string
		says            string // "" if it is accepted
	}{
		{"one origin", "example.com", "Roster", []string{"https://example.com"}, ""},
		{"several", "example.com", "Roster", []string{"https://a.example.com", "https://b.example.com:8443"}, ""},
		{"localhost", "localhost", "Roster", []string{"http://localhost:8080"}, ""},
		{"an app", "example.com", "Roster", []string{"android:apk-key-hash:kUgqfLZnbnAk"}, ""},
		{"no id", "", "Roster", []string{"https://example.com"}, "needs an id"},
		{"no name", "example.com", "", []string{"https://example.com"}, "needs an id"},
		{"no origin", "example.com", "Roster", nil, "at least one"},
		{"id is an address", "192.0.2.1", "Roster", []string{"https://192.0.2.1"}, "192.0.2.1"},
		{"id is a URL", "https://example.com", "Roster", []string{"https://example.com"}, "not in the domain"},
		{"not in the domain", "example.com", "Roster", []string{"https://example.org"}, "not in the domain"},
		{"ends like the domain", "example.com", "Roster", []string{"https://badexample.com"}, "not in the domain"},
		{"not secure", "example.com", "Roster", []string{"http://example.com"}, "must be https"},
		{"slash behind", "example.com", "Roster", []string{"https://example.com/"}, "without a slash"},
		{"path", "example.com", "Roster", []string{"https://example.com/login"}, "scheme, host and port alone"},
		{"no URL", "example.com", "Roster", []string{"https://exa mple.com"}, "not a URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rp, err := factor.NewRelyingParty(factor.RelyingPartyConfig{ID: tt.id, Name: tt.title, Origins: tt.origins})
			if tt.says == "" {
				require.NoError(t, err)
				require.NotNil(t, rp)
			} else {
				require.ErrorContains(t, err, tt.says)
			}
		})
	}
}

func TestAnswerOfAnotherCeremony(t *testing.T) {
	b := newBrowser(t)
	b.register(factor.Passkey)
	first, second := b.begin(factor.Passkey), b.begin(factor.Passkey)
	response, err := b.device.Login(first.Options)
	require.NoError(t, err)
	_, err = b.rp.FinishLogin(b.person, second.Session, response, now)
	require.ErrorIs(t, err, factor.ErrCeremony, "another login")

	registration, err := b.rp.BeginRegistration(b.person, factor.U2F, now)
	require.NoError(t, err)
	_, err = b.rp.FinishLogin(b.person, registration.Session, response, now)
	require.ErrorIs(t, err, factor.ErrCeremony, "a registration")
	_, err = b.rp.FinishRegistration(b.person, first.Session, response, now)
	require.ErrorIs(t, err, factor.ErrCeremony, "a login's session for a registration")
	_, err = b.rp.FinishRegistration(b.person, registration.Session, response, now)
	require.ErrorIs(t, err, factor.ErrCeremony, "a login's answer for a registration")

	_, err = b.rp.FinishLogin(b.person, first.Session, append(response, bytes.Repeat([]byte(" "), 1<<16)...), now)
	require.ErrorContains(t, err, "longer than 65536 bytes")
	_, err = b.rp.FinishLogin(b.person, []byte("{"), response, now)
	require.ErrorContains(t, err, "decode session")
	require.False(t, errors.Is(err, factor.ErrCeremony), "a damaged session is not the browser's fault")
}

func TestExpiry(t *testing.T) {
	rp, err := factor.NewRelyingParty(factor.RelyingPartyConfig{
		ID: "example.com", Name: "Roster", Origins: []string{origin}, Lifetime: time.Minute,
	})
	require.NoError(t, err)
	b := newBrowser(t)
	b.rp = rp
	b.register(factor.Passkey)
	begun := b.begin(factor.Passkey)
	require.Equal(t, now.Add(time.Minute), begun.Expires)
	response, err := b.device.Login(begun.Options)
	require.NoError(t, err)
	_, err = b.rp.FinishLogin(b.person, begun.Session, response, now.Add(time.Minute))
	require.ErrorIs(t, err, factor.ErrExpired)
	_, err = b.rp.FinishLogin(b.person, begun.Session, response, now.Add(time.Minute-1))
	require.NoError(t, err)
}

// TestDamagedRecord: what the server has lost is not the browser's fault.
func TestDamagedRecord(t *testing.T) {
	b := newBrowser(t)
	b.register(factor.U2F)
	begun := b.begin(factor.U2F)
	response, err := b.device.Login(begun.Options)
	require.NoError(t, err)
	b.person.Authenticators[0].Record = []byte("{")
	_, err = b.rp.BeginSecondFactor(b.person, now)
	require.ErrorContains(t, err, "decode authenticator")
	_, err = b.rp.BeginRegistration(b.person, factor.U2F, now)
	require.ErrorContains(t, err, "decode authenticator")
	_, err = b.rp.FinishLogin(b.person, begun.Session, response, now)
	require.ErrorContains(t, err, "decode authenticator")
	require.NotErrorIs(t, err, factor.ErrCeremony)
}

// FuzzAnswer: no answer makes a ceremony panic, and none but the signed one passes.
func FuzzAnswer(f *testing.F) {
	b := newBrowser(f)
	registration, err := b.rp.BeginRegistration(b.person, factor.Passkey, now)
	require.NoError(f, err)
	registered, err := b.device.Register(registration.Options)
	require.NoError(f, err)
	a, err := b.rp.FinishRegistration(b.person, registration.Session, registered, now)
	require.NoError(f, err)
	b.person.Authenticators = []factor.Authenticator{a}
	login := b.begin(factor.Passkey)
	signed, err := b.device.Login(login.Options)
	require.NoError(f, err)
	f.Add(registered)
	f.Add(signed)
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{}}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		_, err := b.rp.FinishRegistration(factor.Person{ID: user}, registration.Session, answer, now)
		require.True(t, err == nil || errors.Is(err, factor.ErrCeremony))
		used, err := b.rp.FinishLogin(b.person, login.Session, answer, now)
		require.True(t, err == nil && string(used.ID) == string(a.ID) || errors.Is(err, factor.ErrCeremony))
	})
}
