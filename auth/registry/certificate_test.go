package registry_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/registry"
)

// newCertificate makes a self-signed certificate for a year from the clock's time.
func (f *fixture) newCertificate(t testing.TB, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: f.clock.Now(), NotAfter: f.clock.Now().Add(365 * days),
		Subject: pkix.Name{CommonName: "HR connector"},
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return leaf
}

func fingerprint(leaf *x509.Certificate) registry.Certificate {
	sum := sha256.Sum256(leaf.Raw)
	return registry.Certificate{Fingerprint: hex.EncodeToString(sum[:])}
}

// certified makes a credential for a certificate.
func (f *fixture) certified(t testing.TB, account string, c registry.Certificate) registry.Token {
	t.Helper()
	made, secret := f.made(t, account, registry.FormCertificate, func(n *registry.NewToken) { n.Certificate = c })
	require.Empty(t, secret)
	return made
}

// shows returns the id of the credential that a certificate is taken for, "" for
// none.
func (f *fixture) shows(t testing.TB, leaf *x509.Certificate, verified bool) string {
	t.Helper()
	p, err := f.Certificate(t.Context(), leaf, verified)
	if err != nil {
		require.ErrorIs(t, err, auth.ErrUnauthenticated)
		return ""
	}
	require.Equal(t, auth.ByCertificate, p.Method)
	return p.Subject
}

// TestPinnedCertificate: it needs no CA, and is itself the only one.
func TestPinnedCertificate(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	leaf := f.newCertificate(t, nil)
	pin := fingerprint(leaf)
	require.Empty(t, f.shows(t, leaf, true))
	upper := strings.ToUpper(pin.Fingerprint)
	made := f.certified(t, a.ID, registry.Certificate{Fingerprint: upper[:2] + ":" + upper[2:]})
	require.Equal(t, pin, made.Certificate)
	p, err := f.Certificate(t.Context(), leaf, false)
	require.NoError(t, err)
	require.Equal(t, &auth.Principal{Account: a.ID, Subject: made.ID, Name: "robot", Scopes: made.Scopes, Method: auth.ByCertificate}, p)
	require.Empty(t, f.shows(t, f.newCertificate(t, nil), true), "another one")

	views := f.store.views.Load()
	require.Equal(t, made.ID, f.shows(t, leaf, false))
	require.Equal(t, views, f.store.views.Load(), "it is remembered")
	require.NoError(t, f.RevokeToken(t.Context(), made.ID))
	require.Empty(t, f.shows(t, leaf, false))
	f.store.broken.Store(true)
	_, err = f.Certificate(t.Context(), leaf, false)
	require.ErrorIs(t, err, errBroken)
	f.store.broken.Store(false)
}

func TestCertificateTimes(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	soon := f.newCertificate(t, func(c *x509.Certificate) {
		c.NotBefore = f.clock.Now().Add(hour)
		c.NotAfter = f.clock.Now().Add(2 * hour)
	})
	f.certified(t, a.ID, fingerprint(soon))
	require.Empty(t, f.shows(t, soon, false), "not yet")
	f.clock.Advance(hour)
	require.NotEmpty(t, f.shows(t, soon, false))
	f.clock.Advance(hour + time.Second)
	require.Empty(t, f.shows(t, soon, false), "no longer")

	long := f.newCertificate(t, func(c *x509.Certificate) { c.NotAfter = f.clock.Now().Add(1000 * days) })
	f.certified(t, a.ID, fingerprint(long))
	require.NotEmpty(t, f.shows(t, long, false))
	f.clock.Advance(registry.DefaultLifetime)
	require.Empty(t, f.shows(t, long, false), "the credential ends before the certificate")
}

// TestNamesOfCertificates: they count only if a CA vouches for them, to the letter.
func TestNamesOfCertificates(t *testing.T) {
	tests := []struct {
		name  string
		meant bool
	}{
		{"dns:hr.example.com", true}, {"uri:spiffe://example.com/hr", true}, {"email:hr@example.com", true}, {"cn:HR connector", true},
		{"dns:example.com", false}, {"dns:a.hr.example.com", false}, {"uri:spiffe://example.com/hr/a", false},
		{"email:other@example.com", false}, {"cn:hr connector", false}, {"cn:HR", false}, {"dns:hr", false}, {"cn:hr.example.com", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			leaf := f.newCertificate(t, func(c *x509.Certificate) {
				c.DNSNames, c.EmailAddresses = []string{"a.example.com", "HR.example.com"}, []string{"hr@example.com"}
				c.URIs = []*url.URL{{Scheme: "spiffe", Host: "example.com", Path: "/hr"}}
			})
			made := f.certified(t, f.account(t, "acme").ID, registry.Certificate{Name: tt.name})
			require.Empty(t, f.shows(t, leaf, false), "nobody vouches for its names")
			require.Equal(t, map[bool]string{true: made.ID}[tt.meant], f.shows(t, leaf, true))
		})
	}
}

// TestSeveralNames: a certificate with names of two credentials is neither's, unless
// it is one's by itself.
func TestSeveralNames(t *testing.T) {
	f := newFixture(t)
	acme, globex := f.account(t, "acme").ID, f.account(t, "globex").ID
	leaf := f.newCertificate(t, func(c *x509.Certificate) { c.DNSNames = []string{"a.example.com", "b.example.com"} })
	first := f.certified(t, acme, registry.Certificate{Name: "dns:a.example.com"})
	require.Equal(t, first.ID, f.shows(t, leaf, true))
	second := f.certified(t, globex, registry.Certificate{Name: "dns:b.example.com"})
	require.Empty(t, f.shows(t, leaf, true), "at once")
	pinned := f.certified(t, globex, fingerprint(leaf))
	require.Equal(t, pinned.ID, f.shows(t, leaf, true))
	require.NoError(t, f.RevokeToken(t.Context(), pinned.ID))
	require.NoError(t, f.RevokeToken(t.Context(), first.ID))
	require.Equal(t, second.ID, f.shows(t, leaf, true))
}

func TestCertificateIsOfOneCredential(t *testing.T) {
	f := newFixture(t)
	acme, globex := f.account(t, "acme").ID, f.account(t, "globex").ID
	leaf := f.newCertificate(t, nil)
	for _, c := range []registry.Certificate{fingerprint(leaf), {Name: "cn:HR connector"}} {
		made := f.certified(t, acme, c)
		for _, account := range []string{acme, globex} {
			_, _, err := f.CreateToken(t.Context(), registry.NewToken{
				Account: account, Name: "x", Form: registry.FormCertificate, Scopes: []auth.Scope{auth.SCIM}, Certificate: c,
			})
			require.ErrorIs(t, err, registry.ErrTaken)
			require.ErrorContains(t, err, "revoke that one first")
		}
		require.NoError(t, f.RevokeToken(t.Context(), made.ID))
		f.certified(t, globex, c)
	}
}

func TestCertificateRotates(t *testing.T) {
	f := newFixture(t)
	a := f.account(t, "acme")
	leaf, renewed := f.newCertificate(t, nil), f.newCertificate(t, nil)
	made := f.certified(t, a.ID, fingerprint(leaf))
	other := fingerprint(renewed)
	next, _, err := f.RotateToken(t.Context(), made.ID, registry.Rotation{Certificate: &other, Overlap: hour})
	require.NoError(t, err)
	require.Equal(t, made.ID, f.shows(t, leaf, false))
	require.Equal(t, next.ID, f.shows(t, renewed, false))
	f.clock.Advance(hour)
	require.Empty(t, f.shows(t, leaf, false))
	require.Equal(t, next.ID, f.shows(t, renewed, false))

	same, _, err := f.RotateToken(t.Context(), next.ID, registry.Rotation{})
	require.NoError(t, err)
	require.Equal(t, same.ID, f.shows(t, renewed, false), "it is the new one's from now on")
	old, err := f.Token(t.Context(), next.ID)
	require.NoError(t, err)
	require.False(t, f.clock.Now().Before(old.Expires), "so the old one has ended")
	require.NoError(t, f.RevokeToken(t.Context(), next.ID))
	require.Equal(t, same.ID, f.shows(t, renewed, false))
}
