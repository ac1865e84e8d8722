package notify_test

import (
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/notify"
	"roster/storage"
	"roster/storage/memory"
)

// openFor starts a worker that sends mails to the server.
func openFor(t *testing.T, store storage.Store, s *mailServer, settings notify.SMTP) *office {
	t.Helper()
	return open(t, store, func(c *notify.WorkerConfig) { c.SMTP, c.Roots = settings, s.roots })
}

func TestMailByEachMode(t *testing.T) {
	for _, mode := range []string{"starttls", "implicit", "none"} {
		t.Run(mode, func(t *testing.T) {
			server := startMailServer(t, mode, func(s *mailServer) { s.user, s.password = "roster", "pass word" })
			settings := server.settings(mode)
			settings.User, settings.Password = "roster", "pass word"
			onEachEngine(t, func(t *testing.T, store storage.Store) {
				o := openFor(t, store, server, settings)
				before := len(server.received())
				sent := o.enqueue(acme, sender(), invitation())
				attempt := o.deliver(acme)
				require.Equal(t, notify.Attempt{
					Account: acme, ID: sent.ID, Channel: notify.Mail, Kind: notify.Invitation, Attempts: 1, Outcome: notify.Delivered,
				}, attempt)
				require.Empty(t, queued(t, store, acme, notify.QueueMail))
				mails := server.received()[before:]
				require.Len(t, mails, 1)
				require.Equal(t, "roster", mails[0].authenticated)
				require.Equal(t, mode != "none", mails[0].encrypted)
				require.Equal(t, "babs@example.com", mails[0].to)
				require.Equal(t, "no-reply@roster.example", mails[0].from)
			})
		})
	}
}

// TestMailAsReceived: the header and both bodies.
func TestMailAsReceived(t *testing.T) {
	server := startMailServer(t, "starttls", nil)
	o := openFor(t, memory.New(nil), server, server.settings("starttls"))
	notice := invitation()
	notice.Language, notice.Values["name"] = "de", "Bäbs =?utf-8?q?x?="
	sent := o.enqueue(acme, sender(), notice)
	require.Equal(t, notify.Delivered, o.deliver(acme).Outcome)
	m := server.received()[0]
	for name, value := range map[string]string{
		"From":             "=?utf-8?q?R=C3=B6ster?= <no-reply@roster.example>",
		"To":               "<babs@example.com>",
		"Subject":          "Einladung zu Acme & Sons",
		"Message-Id":       "<" + sent.ID + "@roster.example>",
		"Date":             "Sun, 01 Mar 2026 12:00:00 +0000",
		"Auto-Submitted":   "auto-generated",
		"Content-Language": "de",
	} {
		require.Equal(t, value, m.Header.Get(name), name)
	}
	require.Empty(t, m.Header.Get("User-Agent"))
	texts := partsOf(t, m)
	require.Len(t, texts, 2)
	require.Contains(t, texts["text/plain"], "Guten Tag Bäbs =?utf-8?q?x?=,")
	require.Contains(t, texts["text/html"], "<p>Guten Tag Bäbs =?utf-8?q?x?=,</p>")
}

// partsOf returns the texts of a mail by their types.
func partsOf(t *testing.T, m received) map[string]string {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	texts := map[string]string{}
	for r := multipart.NewReader(strings.NewReader(m.body), parameters["boundary"]); ; {
		part, err := r.NextPart()
		if err == io.EOF {
			return texts
		}
		require.NoError(t, err)
		text, err := io.ReadAll(part)
		require.NoError(t, err)
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		require.NoError(t, err)
		texts[kind] = string(text)
	}
}

// TestInternationalDomain: a server without SMTPUTF8 takes it too.
func TestInternationalDomain(t *testing.T) {
	server := startMailServer(t, "starttls", nil)
	o := openFor(t, memory.New(nil), server, server.settings("starttls"))
	notice := invitation()
	notice.To = "babs@Bücher.example"
	o.enqueue(acme, sender(), notice)
	require.Equal(t, notify.Delivered, o.deliver(acme).Outcome)
	require.Equal(t, "babs@xn--bcher-kva.example", server.received()[0].to)
}

// TestRefusedMails: 5xx to the mail itself is for good, all else may change.
func TestRefusedMails(t *testing.T) {
	answer := func(at string, code int) func(*mailServer) {
		return func(s *mailServer) {
			s.refuse = func(step string) error {
				if step != at {
					return nil
				}
				return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: "no babs@example.com here"}
			}
		}
	}
	tests := []struct {
		name    string
		server  func(*mailServer)
		client  func(*notify.SMTP)
		outcome notify.Outcome
		reason  string
	}{
		{"unknown receiver", answer("RCPT", 550), nil, notify.Dead, "SMTP 550"},
		{"refused sender", answer("MAIL", 553), nil, notify.Dead, "SMTP 553"},
		{"refused text", answer("DATA", 554), nil, notify.Dead, "SMTP 554"},
		{"busy mailbox", answer("RCPT", 450), nil, notify.Postponed, "SMTP 450"},
		{"full disk", answer("DATA", 452), nil, notify.Postponed, "SMTP 452"},
		{"wrong password", func(s *mailServer) { s.user, s.password = "roster", "right" },
			func(c *notify.SMTP) { c.User, c.Password = "roster", "wrong" }, notify.Postponed, "the mail server refused the session: SMTP 454"},
		{"nobody there", func(*mailServer) {}, func(c *notify.SMTP) { c.Port = 1 }, notify.Postponed, "reach the mail server"},
		{"no STARTTLS", func(s *mailServer) { s.TLSConfig = nil }, nil, notify.Postponed, "does not support STARTTLS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := startMailServer(t, "starttls", tt.server)
			settings := server.settings("starttls")
			if tt.client != nil {
				tt.client(&settings)
			}
			o := openFor(t, memory.New(nil), server, settings)
			sent := o.enqueue(acme, sender(), invitation())
			attempt := o.deliver(acme)
			require.Equal(t, tt.outcome, attempt.Outcome)
			require.Contains(t, attempt.Reason, tt.reason)
			require.NotContains(t, attempt.Reason, "babs", "logs name no person")
			require.Empty(t, server.received())
			if tt.outcome == notify.Dead {
				l, err := (notify.Box{Store: o.store, Queue: notify.DeadLetters}).Show(t.Context(), acme, sent.ID)
				require.NoError(t, err)
				require.Contains(t, l.Error, "no babs@example.com here")
			}
		})
	}
}

// TestForeignCertificate: a server that nobody vouches for gets no mail.
func TestForeignCertificate(t *testing.T) {
	for _, mode := range []string{"starttls", "implicit"} {
		server := startMailServer(t, mode, nil)
		o := open(t, memory.New(nil), func(c *notify.WorkerConfig) { c.SMTP = server.settings(mode) })
		o.enqueue(acme, sender(), invitation())
		attempt := o.deliver(acme)
		require.Equal(t, notify.Postponed, attempt.Outcome, mode)
		require.Contains(t, attempt.Reason, "certificate", mode)
		require.Empty(t, server.received(), mode)
	}
}

// TestSilentServer: a server that does not answer costs Timeout, not a place for
// ever.
func TestSilentServer(t *testing.T) {
	silence := make(chan struct{})
	server := startMailServer(t, "starttls", func(s *mailServer) {
		s.refuse = func(string) error { <-silence; return nil }
	})
	defer close(silence)
	o := open(t, memory.New(nil), func(c *notify.WorkerConfig) {
		c.SMTP, c.Roots, c.Timeout = server.settings("starttls"), server.roots, 200*time.Millisecond
	})
	o.enqueue(acme, sender(), invitation())
	require.Equal(t, notify.Postponed, o.deliver(acme).Outcome)
}

// TestStopWhileServerIsSilent: telling the worker to stop does not wait for
// Timeout.
func TestStopWhileServerIsSilent(t *testing.T) {
	asked, silence := make(chan struct{}), make(chan struct{})
	server := startMailServer(t, "starttls", func(s *mailServer) {
		s.refuse = func(string) error { close(asked); <-silence; return nil }
	})
	defer close(silence)
	o := open(t, memory.New(nil), func(c *notify.WorkerConfig) {
		c.SMTP, c.Roots, c.Timeout, c.Grace = server.settings("starttls"), server.roots, time.Hour, time.Millisecond
	})
	sent := o.enqueue(acme, sender(), invitation())
	o.worker.Wake(acme)
	<-asked
	o.stop()
	require.Equal(t, []string{sent.ID}, queued(t, o.store, acme, notify.QueueMail))
}

func TestConfigIsValid(t *testing.T) {
	smtp := func(change func(*notify.SMTP)) notify.Config {
		s := notify.SMTP{Host: "mail.example.com", From: "no-reply@example.com"}
		change(&s)
		return notify.Config{SMTP: s}
	}
	tests := []struct {
		name    string
		config  notify.Config
		problem string // "" if it is valid
	}{
		{"nothing", notify.Config{}, ""},
		{"a mail server", smtp(func(*notify.SMTP) {}), ""},
		{"a name in from", smtp(func(s *notify.SMTP) { s.From = "Example <no-reply@example.com>" }), ""},
		{"no from", smtp(func(s *notify.SMTP) { s.From = "" }), "write it like"},
		{"header in from", smtp(func(s *notify.SMTP) { s.From = "a@example.com\r\nBcc: b@example.com" }), "write it like"},
		{"no host", smtp(func(s *notify.SMTP) { s.Host = "" }), "no host"},
		{"without TLS over a network", smtp(func(s *notify.SMTP) { s.TLS = "none" }), "on this machine"},
		{"without TLS on this machine", smtp(func(s *notify.SMTP) { s.Host, s.TLS = "localhost", "none" }), ""},
		{"IPv6", smtp(func(s *notify.SMTP) { s.Host = "2001:db8::1" }), ""},
		{"host with a port", smtp(func(s *notify.SMTP) { s.Host = "mail.example.com:587" }), "its name alone"},
		{"URL of a host", smtp(func(s *notify.SMTP) { s.Host = "unix:///run/mail" }), "its name alone"},
		{"unknown TLS", smtp(func(s *notify.SMTP) { s.TLS = "maybe" }), "choose starttls"},
		{"large port", smtp(func(s *notify.SMTP) { s.Port = 65536 }), "port"},
		{"user without a password", smtp(func(s *notify.SMTP) { s.User = "roster" }), "neither"},
		{"gateway", notify.Config{SMS: notify.Gateway{URL: "https://sms.example.com", Secret: gatewayKey}}, ""},
		{"gateway on this machine", notify.Config{SMS: notify.Gateway{URL: "http://127.0.0.1:8025/sms"}}, ""},
		{"gateway over plain HTTP", notify.Config{SMS: notify.Gateway{URL: "http://sms.example.com"}}, "https"},
		{"gateway with a password", notify.Config{SMS: notify.Gateway{URL: "https://a:b@sms.example.com"}}, "without a user"},
		{"gateway with a short secret", notify.Config{SMS: notify.Gateway{URL: "https://sms.example.com", Secret: "whsec_c2hvcnQ="}}, "24 to 64"},
		{"secret without a gateway", notify.Config{SMS: notify.Gateway{Secret: gatewayKey}}, "no URL"},
		{"endless boxes", notify.Config{Keep: 10_001}, "1 to 10000"},
		{"negative pause", notify.Config{FirstRetry: -1}, "negative"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.config.Validate()
			if tt.problem == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.problem)
			_, err = notify.New(tt.config)
			require.ErrorContains(t, err, tt.problem)
		})
	}
}

// TestSecretsAreNotShown: not by an error, nor by printing the configuration.
func TestSecretsAreNotShown(t *testing.T) {
	c := notify.Config{SMTP: notify.SMTP{User: "u", Password: auth.Secret("sesame")}, SMS: notify.Gateway{URL: "ftp://x?key=sesame", Secret: "sesame"}}
	require.NotContains(t, c.Validate().Error(), "sesame")
}
