package factor_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth/factor"
	"roster/auth/factor/factortest"
)

func TestLoginIsRefused(t *testing.T) {
	tests := []struct {
		name string
		kind factor.Kind
		set  func(*factortest.Authenticator)
		ok   bool
	}{
		{"as it should be", factor.Passkey, func(a *factortest.Authenticator) {}, true},
		{"other origin", factor.Passkey, func(a *factortest.Authenticator) { a.Origin = "https://evil.test" }, false},
		{"other challenge", factor.Passkey, func(a *factortest.Authenticator) { a.Challenge = strings.Repeat("A", 43) }, false},
		{"in a frame", factor.Passkey, func(a *factortest.Authenticator) { a.CrossOrigin = true }, false},
		{"not touched", factor.Passkey, func(a *factortest.Authenticator) { a.Absent = true }, false},
		{"passkey without verification", factor.Passkey, func(a *factortest.Authenticator) { a.Unverified = true }, false},
		{"second factor, other origin", factor.U2F, func(a *factortest.Authenticator) { a.Origin = "https://evil.test" }, false},
		{"second factor, other challenge", factor.U2F, func(a *factortest.Authenticator) { a.Challenge = strings.Repeat("A", 43) }, false},
		{"second factor, not touched", factor.U2F, func(a *factortest.Authenticator) { a.Absent = true }, false},
		{"second factor without verification", factor.U2F, func(a *factortest.Authenticator) { a.Unverified = true }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBrowser(t)
			b.register(tt.kind)
			tt.set(b.device)
			_, err := b.login(tt.kind)
			if tt.ok {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, factor.ErrCeremony)
			}
		})
	}
}

// TestOtherPerson: nobody signs in as somebody else.
func TestOtherPerson(t *testing.T) {
	for _, kind := range []factor.Kind{factor.Passkey, factor.U2F} {
		b := newBrowser(t)
		b.register(kind)
		other := factor.Person{ID: credential, Name: "ben", Authenticators: b.person.Authenticators}
		begun := b.begin(kind)
		response, err := b.device.Login(begun.Options)
		require.NoError(t, err)
		for name, p := range map[string]factor.Person{
			"with the same authenticators": other, "without any": {ID: user}, "nobody": {},
		} {
			_, err = b.rp.FinishLogin(p, begun.Session, response, now)
			require.ErrorIs(t, err, factor.ErrCeremony, "%s, %s", kind, name)
		}
	}
}

// TestKinds: a passkey is a good second factor, but a security key is no passkey,
// even where it verifies its user.
func TestKinds(t *testing.T) {
	b := newBrowser(t)
	_, err := b.rp.BeginSecondFactor(b.person, now)
	require.ErrorIs(t, err, factor.ErrNoAuthenticator)
	b.register(factor.Passkey)
	used, err := b.login(factor.U2F)
	require.NoError(t, err)
	require.Equal(t, factor.Passkey, used.Kind)

	b.person.Authenticators[0].Kind = factor.U2F
	_, err = b.login(factor.Passkey)
	require.ErrorIs(t, err, factor.ErrCeremony)
}

// TestClonedAuthenticator: a copy of the key counts from where it was made.
func TestClonedAuthenticator(t *testing.T) {
	b := newBrowser(t)
	b.register(factor.Passkey)
	clone := b.device.Clone()
	used, err := b.login(factor.Passkey)
	require.NoError(t, err)
	b.person.Authenticators[0] = used
	b.device = clone
	_, err = b.login(factor.Passkey)
	require.ErrorIs(t, err, factor.ErrCloned)
}

func TestSecondFactorTakesAnyOfThePerson(t *testing.T) {
	b := newBrowser(t)
	b.register(factor.U2F)
	first := b.device
	b.device = factortest.New(origin)
	second := b.register(factor.U2F)
	used, err := b.login(factor.U2F)
	require.NoError(t, err)
	require.Equal(t, second.ID, used.ID)
	b.device = first
	used, err = b.login(factor.U2F)
	require.NoError(t, err)
	require.Equal(t, b.person.Authenticators[0].ID, used.ID)

	b.device = factortest.New(origin)
	_, err = b.device.Login(b.begin(factor.U2F).Options)
	require.ErrorIs(t, err, factortest.ErrNone)
}

func BenchmarkFinishLogin(b *testing.B) {
	r := newBrowser(b)
	r.register(factor.Passkey)
	begun := r.begin(factor.Passkey)
	response, err := r.device.Login(begun.Options)
	require.NoError(b, err)
	for b.Loop() {
		if _, err := r.rp.FinishLogin(r.person, begun.Session, response, now); err != nil {
			b.Fatal(err)
		}
	}
}
