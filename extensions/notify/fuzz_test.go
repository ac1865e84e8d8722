package notify

import (
	"bytes"
	"errors"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// FuzzMail: whatever people are called, and whoever is written to, a mail has one
// receiver and the header that we give it, or it is refused.
func FuzzMail(f *testing.F) {
	f.Add("babs@example.com", "Babs", "Acme", "help@example.com", "123456", "en")
	f.Add("babs@example.com\r\nBcc: x@example.com", "Babs\r\n\r\nx", "Acme\nBcc: x@example.com", "\r", "\x00", "de\r\nX: y")
	f.Add(`"a b"@example.com`, "=?utf-8?q?=0D=0ABcc:?=", "\u2028Bcc: x", "\u0085", "\xff", "x-y")
	f.Add("bäbs@bücher.example", strings.Repeat("ä ", 100), "Röster", "", "", "de-CH, en;q=0.1")
	f.Add("a@b, c@d", "", "", "", "1", "")
	n, err := New(Config{})
	require.NoError(f, err)
	m := &mailer{SMTP: SMTP{From: "Roster <no-reply@roster.example>"}}
	f.Fuzz(func(t *testing.T, to, name, title, contact, code, language string) {
		made, err := n.Message(Sender{Name: "acme", Title: title, Contact: contact}, Notice{
			Kind: Invitation, Channel: Mail, To: to, Language: language,
			Values: map[string]string{"name": name, "inviter": name, "code": code, "expires": "2026-03-08T12:00:00Z"},
		})
		if errors.Is(err, ErrInvalid) {
			return
		}
		require.NoError(t, err)
		checkMail(t, m, made, to)
	})
}

func checkMail(t *testing.T, m *mailer, made storage.Message, to string) {
	l, err := read(made)
	require.NoError(t, err)
	composed, err := m.compose(l)
	require.NoError(t, err)
	receivers, err := composed.GetRecipients()
	require.NoError(t, err)
	require.Len(t, receivers, 1)
	require.NotContains(t, receivers[0], "\n")
	require.Contains(t, receivers[0], to[:strings.LastIndexByte(to, '@')])
	var sent bytes.Buffer
	_, err = composed.WriteTo(&sent)
	require.NoError(t, err)
	got, err := mail.ReadMessage(&sent)
	require.NoError(t, err)
	require.Equal(t, []string{"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"},
		slices.Sorted(maps.Keys(got.Header)))
	for name, values := range got.Header {
		require.Len(t, values, 1, name)
	}
}

// FuzzPhoneNumber: what is sent to is a number of E.164.
func FuzzPhoneNumber(f *testing.F) {
	for _, text := range []string{"+41 79 000 00 00", "tel:+1-201-555-0123", "+", "++41790000000", "tel:tel:+41790000000", "+41790000000;ext=1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		number, err := phoneNumber(text)
		if err == nil {
			require.Regexp(t, `^\+[0-9]{7,15}$`, number)
		}
	})
}
