package factor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/factor"
	"roster/auth/factor/factortest"
)

const origin = "https://login.example.com"

var now = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

// browser is a relying party with one user, who has an authenticator.
type browser struct {
	testing.TB
	rp     *factor.RelyingParty
	person factor.Person
	device *factortest.Authenticator
}

func newBrowser(t testing.TB) *browser {
	rp, err := factor.NewRelyingParty(factor.RelyingPartyConfig{ID: "example.com", Name: "Roster", Origins: []string{origin}})
	require.NoError(t, err)
	return &browser{
		TB: t, rp: rp, device: factortest.New(origin),
		person: factor.Person{ID: user, Name: "anna", DisplayName: "Anna"},
	}
}

// register goes through a registration and keeps the authenticator.
func (b *browser) register(kind factor.Kind) factor.Authenticator {
	b.Helper()
	begun, err := b.rp.BeginRegistration(b.person, kind, now)
	require.NoError(b, err)
	response, err := b.device.Register(begun.Options)
	require.NoError(b, err)
	a, err := b.rp.FinishRegistration(b.person, begun.Session, response, now)
	require.NoError(b, err)
	b.person.Authenticators = append(b.person.Authenticators, a)
	return a
}

// begin starts a login by a passkey, or with the second factor.
func (b *browser) begin(kind factor.Kind) factor.Ceremony {
	b.Helper()
	begun, err := b.rp.BeginPasskeyLogin(now)
	if kind == factor.U2F {
		begun, err = b.rp.BeginSecondFactor(b.person, now)
	}
	require.NoError(b, err)
	return begun
}

func (b *browser) login(kind factor.Kind) (factor.Authenticator, error) {
	b.Helper()
	begun := b.begin(kind)
	response, err := b.device.Login(begun.Options)
	require.NoError(b, err)
	return b.rp.FinishLogin(b.person, begun.Session, response, now)
}
