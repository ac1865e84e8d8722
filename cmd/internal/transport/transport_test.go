package transport_test

import (
	"crypto/tls"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/authtest"
	"roster/cmd/internal/transport"
)

const year = 365 * 24 * time.Hour

// TestReload: new connections get the new certificate once it is there, open ones
// go on, and what cannot be used is logged once and changes nothing.
func TestReload(t *testing.T) {
	s, authority := newSite(t), authtest.NewIdentity(t, "authority", nil, year)
	first, second, third := authtest.NewIdentity(t, "first", authority, year), authtest.NewIdentity(t, "second", authority, year), authtest.NewIdentity(t, "third", authority, year)
	s.use(first)
	s.serve(s.config())
	require.Contains(t, s.logged(), "certificate loaded")
	serves := func(i *authtest.Identity, why string) {
		t.Helper()
		answer, serial, err := s.get(s.client(authority, nil))
		require.NoError(t, err)
		require.Equal(t, "HTTP/2.0 0 0", answer)
		require.Equal(t, i.Certificate.SerialNumber.String(), serial, why)
	}
	open := s.client(authority, nil)
	_, _, err := s.get(open)
	require.NoError(t, err)

	s.use(second)
	serves(first, "the files are not looked at each time")
	s.pass()
	serves(second, "they have changed")
	_, serial, err := s.get(open)
	require.NoError(t, err)
	require.Equal(t, first.Certificate.SerialNumber.String(), serial, "the open connection goes on")
	require.Equal(t, 1, strings.Count(s.logged(), "certificate loaded"))

	for _, broken := range []struct {
		name   string
		change func()
	}{
		{"half a pair", func() { s.write("server.crt", third.CertificatePEM()) }},
		{"half written", func() { s.write("server.key", third.KeyPEM(t)[:100]) }},
		{"rubbish", func() { s.write("server.crt", []byte("rubbish")) }},
		{"gone", func() { require.NoError(t, os.Remove(s.file("server.key"))) }},
	} {
		broken.change()
		for range 3 {
			s.pass()
			serves(second, broken.name)
		}
		logs := s.logged()
		require.Equal(t, 1, strings.Count(logs, "\n"), "%s: %s", broken.name, logs)
		require.Contains(t, logs, "level=ERROR")
		require.Contains(t, logs, s.file("server.key"))
	}
	s.use(third)
	s.pass()
	serves(third, "the pair is whole")
	require.Equal(t, 1, strings.Count(s.logged(), "\n"))
	s.pass()
	serves(third, "nothing changes")
	require.Empty(t, s.logged())
}

// TestReloadUnderLoad: no request fails while certificates are replaced.
func TestReloadUnderLoad(t *testing.T) {
	s, authority := newSite(t), authtest.NewIdentity(t, "authority", nil, year)
	s.use(authtest.NewIdentity(t, "server", authority, year))
	s.serve(s.config())
	var clients sync.WaitGroup
	failed := make(chan error, 4)
	for range cap(failed) {
		clients.Go(func() {
			for range 20 {
				if _, _, err := s.get(s.client(authority, nil)); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	for range 20 {
		s.use(authtest.NewIdentity(t, "server", authority, year))
		s.pass()
	}
	clients.Wait()
	close(failed)
	require.NoError(t, <-failed)
}

// TestVersions: TLS 1.2 and 1.3, and nothing before them.
func TestVersions(t *testing.T) {
	s, authority := newSite(t), authtest.NewIdentity(t, "authority", nil, year)
	s.use(authtest.NewIdentity(t, "server", authority, year))
	s.serve(s.config())
	for version, want := range map[uint16]string{tls.VersionTLS10: "", tls.VersionTLS11: "", tls.VersionTLS12: "HTTP/2.0 0 0", tls.VersionTLS13: "HTTP/2.0 0 0"} {
		answer, _, err := s.get(s.client(authority, func(c *tls.Config) { c.MinVersion, c.MaxVersion = version, version }))
		require.Equal(t, want, answer)
		require.Equal(t, want == "", err != nil, "%s: %v", tls.VersionName(version), err)
	}
	client := s.client(authority, nil)
	client.Transport.(*http.Transport).ForceAttemptHTTP2 = false
	answer, _, err := s.get(client)
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 0 0", answer)
}

// TestClientCertificates walks what clients show and what is asked of them.
func TestClientCertificates(t *testing.T) {
	authority, own, other := authtest.NewIdentity(t, "authority", nil, year), authtest.NewIdentity(t, "clients", nil, year), authtest.NewIdentity(t, "others", nil, year)
	shown := map[string]*authtest.Identity{
		"nothing": nil, "signed": authtest.NewIdentity(t, "c", own, year), "by another": authtest.NewIdentity(t, "c", other, year),
		"expired": authtest.NewIdentity(t, "c", own, -time.Minute), "self-signed": authtest.NewIdentity(t, "c", nil, year),
	}
	for _, row := range []struct {
		name  string
		asked func(*transport.Config, *site)
		want  map[string]string // "" is a handshake that fails
	}{
		{"not asked", func(*transport.Config, *site) {},
			map[string]string{"nothing": "0 0", "signed": "0 0", "by another": "0 0", "expired": "0 0", "self-signed": "0 0"}},
		{"asked", func(c *transport.Config, _ *site) { c.RequestClientCertificates = true },
			map[string]string{"nothing": "0 0", "signed": "1 0", "by another": "1 0", "expired": "1 0", "self-signed": "1 0"}},
		{"with an authority", func(c *transport.Config, s *site) { c.ClientCAFile = s.file("ca.crt") },
			map[string]string{"nothing": "0 0", "signed": "1 1", "by another": "", "expired": "", "self-signed": ""}},
		{"with an authority, and asked", func(c *transport.Config, s *site) {
			c.ClientCAFile, c.RequestClientCertificates = s.file("ca.crt"), true
		}, map[string]string{"nothing": "0 0", "signed": "1 1", "by another": "", "expired": "", "self-signed": ""}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newSite(t)
			s.use(authtest.NewIdentity(t, "server", authority, year))
			s.write("ca.crt", own.CertificatePEM())
			c := s.config()
			row.asked(&c, s)
			s.serve(c)
			for what, want := range row.want {
				answer, _, err := s.get(s.client(authority, show(shown[what])))
				require.Equal(t, want == "", err != nil, "%s: %v", what, err)
				require.Equal(t, want, strings.TrimPrefix(answer, "HTTP/2.0 "), what)
			}
		})
	}
}

// show has a client show a certificate, whoever the server would like to have
// signed it.
func show(i *authtest.Identity) func(*tls.Config) {
	return func(c *tls.Config) {
		if i != nil {
			c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				pair := i.Pair()
				return &pair, nil
			}
		}
	}
}

// TestAuthoritiesReload: those that are taken away are gone for clients that come
// back, too.
func TestAuthoritiesReload(t *testing.T) {
	s, authority := newSite(t), authtest.NewIdentity(t, "authority", nil, year)
	old, young := authtest.NewIdentity(t, "old", nil, year), authtest.NewIdentity(t, "young", nil, year)
	s.use(authtest.NewIdentity(t, "server", authority, year))
	s.write("ca.crt", old.CertificatePEM())
	c := s.config()
	c.ClientCAFile = s.file("ca.crt")
	s.serve(c)

	known := authtest.NewIdentity(t, "c", old, year)
	sessions := tls.NewLRUClientSessionCache(8)
	again := func() error {
		_, _, err := s.get(s.client(authority, func(c *tls.Config) {
			show(known)(c)
			c.ClientSessionCache = sessions
		}))
		return err
	}
	require.NoError(t, again())
	s.write("ca.crt", []byte("rubbish"))
	s.pass()
	require.NoError(t, again())
	require.Contains(t, s.logged(), s.file("ca.crt")+" has no certificate")
	s.write("ca.crt", young.CertificatePEM())
	s.pass()
	require.Error(t, again())
	_, _, err := s.get(s.client(authority, show(authtest.NewIdentity(t, "c", young, year))))
	require.NoError(t, err)
}

// TestNew: files that cannot be used are named, with what to do, and no key is
// shown.
func TestNew(t *testing.T) {
	authority := authtest.NewIdentity(t, "authority", nil, year)
	server, other := authtest.NewIdentity(t, "server", authority, year), authtest.NewIdentity(t, "other", authority, year)
	for _, row := range []struct {
		name   string
		change func(*site, *transport.Config)
		file   string
		want   string
	}{
		{"no certificate", func(s *site, c *transport.Config) { c.CertificateFile = s.file("none") }, "none", "give the path of a PEM file that the server can read"},
		{"no key", func(s *site, c *transport.Config) { c.KeyFile = s.file("none") }, "none", "give the path of a PEM file that the server can read"},
		{"no authorities", func(s *site, c *transport.Config) { c.ClientCAFile = s.file("none") }, "none", "give the path of a PEM file that the server can read"},
		{"another key", func(s *site, _ *transport.Config) { s.write("server.key", other.KeyPEM(t)) }, "server.key", "give a PEM certificate and the PEM key that belongs to it"},
		{"an empty key", func(s *site, _ *transport.Config) { s.write("server.key", nil) }, "server.key", "give a PEM certificate and the PEM key that belongs to it"},
		{"an empty certificate", func(s *site, _ *transport.Config) { s.write("server.crt", nil) }, "server.crt", "give a PEM certificate and the PEM key that belongs to it"},
		{"a folder", func(s *site, c *transport.Config) { c.ClientCAFile = s.folder }, "", "give a PEM file that the server can read"},
		{"a key for authorities", func(s *site, c *transport.Config) { c.ClientCAFile = c.KeyFile }, "server.key", "give a PEM file with those that sign certificates of clients"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newSite(t)
			s.use(server)
			c := s.config()
			row.change(s, &c)
			_, err := transport.New(c)
			require.ErrorContains(t, err, row.want)
			require.ErrorContains(t, err, s.file(row.file))
			require.NotContains(t, err.Error(), "PRIVATE")
		})
	}
}

// TestExpiry: a certificate that should be replaced is used, and said to.
func TestExpiry(t *testing.T) {
	authority := authtest.NewIdentity(t, "authority", nil, year)
	for lifetime, want := range map[time.Duration]string{
		-time.Minute: "has expired", time.Hour: "expires soon", 13 * 24 * time.Hour: "expires soon", 15 * 24 * time.Hour: "certificate loaded",
	} {
		s := newSite(t)
		s.use(authtest.NewIdentity(t, "server", authority, lifetime))
		_, err := transport.New(s.config())
		require.NoError(t, err)
		logs := s.logged()
		require.Contains(t, logs, want)
		require.Equal(t, lifetime < 14*24*time.Hour, strings.Contains(logs, "level=WARN"), logs)
	}
}
