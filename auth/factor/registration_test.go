package factor_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/factor"
	"roster/auth/factor/factortest"
)

func TestOptions(t *testing.T) {
	b := newBrowser(t)
	tests := []struct {
		kind               factor.Kind
		resident, verified string
		requireResident    bool
	}{
		{factor.Passkey, "required", "required", true},
		{factor.U2F, "discouraged", "discouraged", false},
	}
	for _, tt := range tests {
		begun, err := b.rp.BeginRegistration(b.person, tt.kind, now)
		require.NoError(t, err)
		require.Equal(t, now.Add(5*time.Minute), begun.Expires)
		var o struct {
			RP, User      struct{ ID, Name, DisplayName string }
			Challenge     string
			Timeout       int
			Attestation   string
			Authenticator struct {
				ResidentKey        string
				RequireResidentKey bool
				UserVerification   string
			} `json:"authenticatorSelection"`
		}
		require.NoError(t, json.Unmarshal(begun.Options, &o))
		require.Equal(t, "example.com", o.RP.ID)
		require.Equal(t, "Roster", o.RP.Name)
		require.Equal(t, "MDE5OWExYjItZmZmZi03MDAwLTgwMDAtMDAwMDAwMDAwMDAx", o.User.ID, "the user's id in base64url")
		require.Equal(t, "anna", o.User.Name)
		require.Equal(t, "Anna", o.User.DisplayName)
		require.Len(t, o.Challenge, 43)
		require.Equal(t, 300_000, o.Timeout)
		require.Equal(t, "none", o.Attestation)
		require.Equal(t, tt.resident, o.Authenticator.ResidentKey)
		require.Equal(t, tt.requireResident, o.Authenticator.RequireResidentKey)
		require.Equal(t, tt.verified, o.Authenticator.UserVerification)
	}
	first, second := b.begin(factor.Passkey), b.begin(factor.Passkey)
	require.NotEqual(t, first.Options, second.Options, "each has its challenge")
	require.NotContains(t, string(first.Options), "allowCredentials", "it tells nothing of any user")
	require.Contains(t, string(first.Options), `"userVerification":"required"`)
}

// TestRegistrationIsRefused lets the browser or the user do what must not pass.
func TestRegistrationIsRefused(t *testing.T) {
	tests := []struct {
		name string
		kind factor.Kind
		set  func(*factortest.Authenticator)
		ok   bool
	}{
		{"as it should be", factor.Passkey, func(a *factortest.Authenticator) {}, true},
		{"other origin", factor.U2F, func(a *factortest.Authenticator) { a.Origin = "https://login.example.com.evil.test" }, false},
		{"other port", factor.U2F, func(a *factortest.Authenticator) { a.Origin = origin + ":8443" }, false},
		{"other scheme", factor.U2F, func(a *factortest.Authenticator) { a.Origin = "http://login.example.com" }, false},
		{"other host of the domain", factor.U2F, func(a *factortest.Authenticator) { a.Origin = "https://www.example.com" }, false},
		{"in a frame", factor.U2F, func(a *factortest.Authenticator) { a.CrossOrigin = true }, false},
		{"other challenge", factor.U2F, func(a *factortest.Authenticator) { a.Challenge = strings.Repeat("A", 43) }, false},
		{"not touched", factor.U2F, func(a *factortest.Authenticator) { a.Absent = true }, false},
		{"passkey without verification", factor.Passkey, func(a *factortest.Authenticator) { a.Unverified = true }, false},
		{"second factor without verification", factor.U2F, func(a *factortest.Authenticator) { a.Unverified = true }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBrowser(t)
			begun, err := b.rp.BeginRegistration(b.person, tt.kind, now)
			require.NoError(t, err)
			tt.set(b.device)
			response, err := b.device.Register(begun.Options)
			require.NoError(t, err)
			_, err = b.rp.FinishRegistration(b.person, begun.Session, response, now)
			if tt.ok {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, factor.ErrCeremony)
				require.NotContains(t, err.Error(), "AAAA", "the challenge stays out of the error")
			}
		})
	}
}

func TestRegisteredTwice(t *testing.T) {
	b := newBrowser(t)
	begun, err := b.rp.BeginRegistration(b.person, factor.Passkey, now)
	require.NoError(t, err)
	response, err := b.device.Register(begun.Options)
	require.NoError(t, err)
	a, err := b.rp.FinishRegistration(b.person, begun.Session, response, now)
	require.NoError(t, err)
	b.person.Authenticators = []factor.Authenticator{a}
	_, err = b.rp.FinishRegistration(b.person, begun.Session, response, now)
	require.ErrorIs(t, err, factor.ErrCeremony)

	again, err := b.rp.BeginRegistration(b.person, factor.Passkey, now)
	require.NoError(t, err)
	_, err = b.device.Register(again.Options)
	require.ErrorIs(t, err, factortest.ErrExcluded, "the options name what is registered")
}

// TestRegisterForAnother: a registration is of the person for whom it was begun.
func TestRegisterForAnother(t *testing.T) {
	b := newBrowser(t)
	begun, err := b.rp.BeginRegistration(b.person, factor.U2F, now)
	require.NoError(t, err)
	response, err := b.device.Register(begun.Options)
	require.NoError(t, err)
	_, err = b.rp.FinishRegistration(factor.Person{ID: credential, Name: "ben"}, begun.Session, response, now)
	require.ErrorIs(t, err, factor.ErrCeremony)
}
