package notify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"roster/extensions/notify"
)

// mailServer is a real SMTP server on loopback that keeps what it took.
type mailServer struct {
	*smtp.Server
	port  int
	roots *x509.CertPool // vouch for its certificate

	// Set before the first mail.
	user, password string
	// refuse is asked for an error at each step: "MAIL", "RCPT" or "DATA".
	refuse func(step string) error

	mu    sync.Mutex
	mails []received
}

// received is a mail with its envelope.
type received struct {
	from, to      string
	authenticated string // user, "" if none was
	encrypted     bool
	*mail.Message
	body string
}

// startMailServer serves in a mode of SMTP.TLS; change may change the server.
func startMailServer(t *testing.T, mode string, change func(*mailServer)) *mailServer {
	t.Helper()
	s := &mailServer{refuse: func(string) error { return nil }}
	s.Server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.Domain = "localhost"
	s.AllowInsecureAuth = mode == "none"
	s.ErrorLog = log.New(io.Discard, "", 0)
	certificate, roots := newCertificate(t)
	s.roots = roots
	settings := &tls.Config{Certificates: []tls.Certificate{certificate}}
	if mode == "starttls" {
		s.TLSConfig = settings
	}
	if change != nil {
		change(s)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.port = listener.Addr().(*net.TCPAddr).Port
	if mode == "implicit" {
		listener = tls.NewListener(listener, settings)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		<-served
	})
	return s
}

// newCertificate makes a certificate for 127.0.0.1 and a pool that trusts it.
func newCertificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// settings are those of a client of the server.
func (s *mailServer) settings(mode string) notify.SMTP {
	return notify.SMTP{Host: "127.0.0.1", Port: s.port, TLS: mode, From: `"Röster" <no-reply@roster.example>`}
}

func (s *mailServer) session(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	return &mailSession{server: s, mail: received{encrypted: encrypted}}, nil
}

func (s *mailServer) received() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received{}, s.mails...)
}

type mailSession struct {
	server *mailServer
	mail   received
}

func (s *mailSession) AuthMechanisms() []string {
	if s.server.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.server.user || password != s.server.password {
			return errors.New("wrong user or password")
		}
		s.mail.authenticated = user
		return nil
	}), nil
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from = from
	return s.server.refuse("MAIL")
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = to
	return s.server.refuse("RCPT")
}

func (s *mailSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.server.refuse("DATA"); err != nil {
		return err
	}
	s.mail.Message, err = mail.ReadMessage(strings.NewReader(string(text)))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(s.mail.Body)
	s.mail.body = string(body)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.mails = append(s.server.mails, s.mail)
	return err
}

func (s *mailSession) Reset()        {}
func (s *mailSession) Logout() error { return nil }
