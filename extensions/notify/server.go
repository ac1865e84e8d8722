package notify

import (
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"strings"

	"roster/auth"
	"roster/auth/receiver"
)

// SMTP is a mail server that takes mails for delivery.
type SMTP struct {
	// Host is its name. Default none.
	Host string
	// Port defaults to 587, to 465 with TLS "implicit", to 25 with TLS "none".
	Port int
	// TLS is "starttls", the default, "implicit" for TLS from the first byte, or
	// "none", only for a server on this machine. The certificate is always verified,
	// and a mail is never sent over a connection that should be encrypted and is not.
	TLS string
	// User and Password authenticate, by SCRAM-SHA-256, PLAIN or LOGIN. Default: no
	// authentication.
	User     string
	Password auth.Secret
	// From is the sender of all mails, an address or "Name <address>". Required with
	// Host.
	From string
}

// Gateway takes text messages: each is POSTed to it as JSON
//
//	{"id", "account", "kind", "language", "to", "text"}
//
// It answers with a status of 200 to 299 once the message is its own. The header
// webhook-id is the same whenever the message is sent again.
type Gateway struct {
	// URL is https, or http to this machine, without a user. Default none.
	URL string
	// Secret, "whsec_" and the base64 of 24 to 64 bytes, signs what is sent, as
	// Standard Webhooks describes. Default: it is not signed.
	Secret auth.Secret
}

// Modes of SMTP.TLS.
const (
	startTLS    = "starttls"
	implicitTLS = "implicit"
	noTLS       = "none"
)

func (s SMTP) validate() error {
	if s.Host == "" {
		if s != (SMTP{}) {
			return errors.New("the mail server has settings, but no host: name it")
		}
		return nil
	}
	var from error
	if _, err := mail.ParseAddress(s.From); err != nil || checkLine(s.From) != nil {
		from = fmt.Errorf("from %q: write it like no-reply@example.com or Example <no-reply@example.com>", s.From)
	}
	return errors.Join(from, s.validateConnection())
}

func (s SMTP) validateConnection() error {
	switch s.TLS {
	case "", startTLS, implicitTLS:
	case noTLS:
		if !receiver.IsLoopback(s.Host) {
			return fmt.Errorf("mail server %q without TLS: only a server on this machine can do without; choose starttls or implicit", s.Host)
		}
	default:
		return fmt.Errorf("TLS %q of the mail server: choose starttls, implicit or none", s.TLS)
	}
	if _, err := netip.ParseAddr(s.Host); err != nil && strings.ContainsAny(s.Host, ":/ ") {
		return fmt.Errorf("mail server %q: write its name alone, such as mail.example.com; the port is a setting of its own", s.Host)
	}
	if s.Port < 0 || s.Port > 65535 {
		return fmt.Errorf("port %d of the mail server: it must be a number from 1 to 65535", s.Port)
	}
	if (s.User == "") != (s.Password == "") {
		return errors.New("the mail server: give both a user and a password, or neither")
	}
	return nil
}

func (g Gateway) validate() error {
	if g.URL == "" {
		if g.Secret != "" {
			return errors.New("the SMS gateway has a secret, but no URL: name it")
		}
		return nil
	}
	if checkURL(g.URL) != nil { // its text would show what may be a key
		return errors.New("the URL of the SMS gateway: write it like https://sms.example.com/send, without a user")
	}
	if g.Secret == "" {
		return nil
	}
	if _, err := receiver.SigningKey(g.Secret); err != nil {
		return fmt.Errorf("the secret of the SMS gateway %w", err)
	}
	return nil
}
