package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"roster/storage"
)

// mailer delivers mails to one server, each over a connection of its own.
type mailer struct {
	SMTP
	timeout time.Duration
	roots   *x509.CertPool
}

// send delivers a mail, or fails with what the server said. An answer of 5xx to
// the mail itself is permanent; one to the greeting or the login is about our
// settings, which somebody may mend.
func (m *mailer) send(ctx context.Context, _ storage.Account, l Letter) error {
	message, err := m.compose(l)
	if err != nil {
		return &failure{reason: "the mail cannot be composed", detail: brief(err.Error()), permanent: true}
	}
	c := &call{mailer: m}
	defer c.hangUp()
	// The library heeds the context while it dials only.
	defer context.AfterFunc(ctx, c.hangUp)()
	client, err := mail.NewClient(m.Host, m.options(c)...)
	if err != nil {
		return fmt.Errorf("set up the mail client: %w", err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return beforeMail(err)
	}
	err = client.SendWithSMTPClient(session, message)
	if !message.IsDelivered() {
		return aboutMail(err)
	}
	// The mail is the server's from here on, whatever it says to the farewell.
	if session.UpdateDeadline(time.Second) == nil {
		_ = session.Quit()
	}
	return nil
}

func (m *mailer) options(c *call) []mail.Option {
	policy := mail.NoTLS
	if m.TLS == startTLS {
		policy = mail.TLSMandatory
	}
	options := []mail.Option{
		mail.WithPort(m.Port), mail.WithTimeout(m.timeout), mail.WithTLSPolicy(policy), mail.WithTLSConfig(m.tlsConfig()),
		mail.WithDialContextFunc(c.dial), mail.WithoutNoop(), mail.WithoutRset(),
	}
	if m.User != "" {
		options = append(options, mail.WithUsername(m.User), mail.WithPassword(m.Password.Reveal()),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return options
}

func (m *mailer) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: m.Host, RootCAs: m.roots, MinVersion: tls.VersionTLS12}
}

// compose makes a mail that says the same whenever it is sent: its Message-ID and
// date are the letter's.
func (m *mailer) compose(l Letter) (*mail.Msg, error) {
	from, err := netmail.ParseAddress(m.From)
	if err != nil {
		return nil, err
	}
	to, err := envelope(l.To)
	if err != nil {
		return nil, err
	}
	if err := checkSubject(l.Subject); err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	message.FromMailAddress(from)
	message.ToMailAddress(to)
	message.Subject(l.Subject)
	message.SetMessageIDWithValue(l.ID + "@" + domain)
	message.SetDateWithValue(l.Created)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 section 5
	message.SetGenHeader("Content-Language", l.Language)
	message.SetBodyString(mail.TypeTextPlain, l.Text)
	message.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	return message, nil
}

// envelope returns the address with its domain in ASCII (IDNA, RFC 5891), which
// servers without SMTPUTF8 (RFC 6531) take.
func envelope(address string) (*netmail.Address, error) {
	if err := checkAddress(address); err != nil {
		return nil, fmt.Errorf("the receiver %w", err)
	}
	at := strings.LastIndexByte(address, '@')
	if domain, err := idna.Lookup.ToASCII(address[at+1:]); err == nil {
		address = address[:at+1] + domain
	}
	return &netmail.Address{Address: address}, nil
}

// beforeMail is about a failure before the server was told of the mail.
func beforeMail(err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return &failure{reason: fmt.Sprintf("the mail server refused the session: SMTP %d", reply.Code), detail: brief(reply.Msg)}
	}
	return fmt.Errorf("reach the mail server: %w", err)
}

// aboutMail is about a failure of the mail itself.
func aboutMail(err error) error {
	var refused *mail.SendError
	if !errors.As(err, &refused) {
		return &failure{reason: "the mail was not sent", detail: brief(err.Error())}
	}
	code := refused.ErrorCode()
	if code == 0 {
		return &failure{reason: "the connection broke while " + refused.Reason.String(), detail: brief(err.Error())}
	}
	return &failure{reason: fmt.Sprintf("SMTP %d", code), detail: brief(err.Error()), permanent: code/100 == 5}
}

// call is the connection of one delivery. The library leaves one open on which
// no session could begin, and takes its TLS from the dialler, if there is one.
type call struct {
	*mailer
	mu         sync.Mutex
	connection net.Conn
	over       bool
}

// dial ignores the address that the library makes, which is none for IPv6.
func (c *call) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	dial := (&net.Dialer{}).DialContext
	if c.TLS == implicitTLS {
		dial = (&tls.Dialer{Config: c.tlsConfig()}).DialContext
	}
	connection, err := dial(ctx, "tcp", net.JoinHostPort(c.Host, strconv.Itoa(c.Port)))
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		_ = connection.Close()
		return nil, context.Canceled
	}
	c.connection = connection
	return connection, nil
}

// hangUp closes the connection, also while something waits for it.
func (c *call) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.connection != nil {
		_ = c.connection.Close()
	}
}
