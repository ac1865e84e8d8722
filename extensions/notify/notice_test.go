package notify_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/extensions/notify"
	"roster/storage"
)

const hookURL = "https://hooks.example.com/roster"

func sender() notify.Sender {
	return notify.Sender{Name: "acme", Title: "Acme & Sons", Contact: "help@acme.example", Endpoints: []string{"https://other.example.com", hookURL}}
}

// complete is a configuration that delivers by every channel.
func complete() notify.Config {
	return notify.Config{
		SMTP: notify.SMTP{Host: "mail.example.com", From: "Roster <no-reply@example.com>"},
		SMS:  notify.Gateway{URL: "https://sms.example.com"},
		Now:  func() time.Time { return noon },
	}
}

func newNotifier(t *testing.T, c notify.Config) *notify.Notifier {
	t.Helper()
	n, err := notify.New(c)
	require.NoError(t, err)
	return n
}

// letterOf returns what the message says.
func letterOf(t *testing.T, m storage.Message) notify.Letter {
	t.Helper()
	var l notify.Letter
	require.NoError(t, json.Unmarshal(m.Body, &l))
	return l
}

func TestMessageIsComplete(t *testing.T) {
	m, err := newNotifier(t, complete()).Message(sender(), invitation())
	require.NoError(t, err)
	require.Equal(t, notify.QueueMail, m.Queue)
	require.Equal(t, noon, m.Due)
	l := letterOf(t, m)
	require.Equal(t, m.ID, l.ID)
	require.Equal(t, "babs@example.com", l.To)
	require.Equal(t, "You are invited to Acme & Sons", l.Subject)
	require.Contains(t, l.Text, "Hello Babs,")
	require.Contains(t, l.Text, "https://app.example.com/welcome?a=1&token=t0k")
	require.Contains(t, l.Text, "2026-03-08 12:00 UTC")
	require.Contains(t, l.Text, "help@acme.example")
	require.Contains(t, l.HTML, `<a href="https://app.example.com/welcome?a=1&amp;token=t0k">`)
	require.Contains(t, l.HTML, "Acme &amp; Sons")
	require.Equal(t, "en", l.Language)
	require.Equal(t, time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC), l.Expires)
}

func TestMessageIsNew(t *testing.T) {
	n := newNotifier(t, complete())
	first, err := n.Message(sender(), invitation())
	require.NoError(t, err)
	second, err := n.Message(sender(), invitation())
	require.NoError(t, err)
	require.NotEqual(t, first.ID, second.ID)
}

// TestQueues: each receiver has its queue; without a way to deliver it is the
// outbox, which knows the queue.
func TestQueues(t *testing.T) {
	tests := []struct {
		name          string
		notice        notify.Notice
		configured    string
		notConfigured string
	}{
		{"mail", invitation(), notify.QueueMail, notify.Outbox},
		{"sms", loginCode(), notify.QueueSMS, notify.Outbox},
		{"webhook", event(hookURL), notify.QueueWebhook + ".1", notify.QueueWebhook + ".1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := newNotifier(t, complete()).Message(sender(), tt.notice)
			require.NoError(t, err)
			require.Equal(t, tt.configured, m.Queue)
			m, err = newNotifier(t, notify.Config{}).Message(sender(), tt.notice)
			require.NoError(t, err)
			require.Equal(t, tt.notConfigured, m.Queue)
			require.Equal(t, tt.configured, letterOf(t, m).Queue)
		})
	}
}

// TestEndpointQueues: what exceeds the queues shares them.
func TestEndpointQueues(t *testing.T) {
	var from notify.Sender
	for i := range notify.MaxEndpoints + 2 {
		from.Endpoints = append(from.Endpoints, fmt.Sprintf("https://hooks.example.com/%d", i))
	}
	m, err := newNotifier(t, notify.Config{}).Message(from, event(from.Endpoints[notify.MaxEndpoints+1]))
	require.NoError(t, err)
	require.Equal(t, notify.QueueWebhook+".1", m.Queue)
}

func TestEventPayload(t *testing.T) {
	n := event(hookURL)
	m, err := newNotifier(t, complete()).Message(sender(), n)
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"user.locked","timestamp":"2026-03-01T11:59:58Z","data":{"userId":"u1"}}`, string(letterOf(t, m).Payload))
	delete(n.Values, "occurred")
	m, err = newNotifier(t, complete()).Message(sender(), n)
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"user.locked","timestamp":"2026-03-01T12:00:00Z","data":{"userId":"u1"}}`, string(letterOf(t, m).Payload))
}

// TestRefusals: what a notice must not be. No refusal repeats a value.
func TestRefusals(t *testing.T) {
	set := func(name, value string) func(*notify.Notice) {
		return func(n *notify.Notice) { n.Values[name] = value }
	}
	tests := []struct {
		name    string
		notice  notify.Notice
		change  func(*notify.Notice)
		problem string
	}{
		{"unknown kind", invitation(), func(n *notify.Notice) { n.Kind = "birthday" }, `kind of notice "birthday"`},
		{"channel of another kind", invitation(), func(n *notify.Notice) { n.Channel = notify.SMS }, "channel"},
		{"no channel", invitation(), func(n *notify.Notice) { n.Channel = "" }, "channel"},
		{"unknown value", invitation(), set("nick", "secret"), `no value "nick"`},
		{"neither link nor code", invitation(), set("link", ""), "code or link is missing"},
		{"no code", loginCode(), set("code", ""), "code is missing"},
		{"no expiry", invitation(), func(n *notify.Notice) { delete(n.Values, "expires") }, "expires is missing"},
		{"expiry as people write it", invitation(), set("expires", "secret"), "expires is not a moment"},
		{"expiry beyond all years", invitation(), set("expires", "9999-12-31T23:59:59-01:00"), "expires is not a moment"},
		{"link to a script", invitation(), set("link", "javascript:secret"), "link is not an https URL"},
		{"link over plain HTTP", invitation(), set("link", "http://secret.example.com"), "link is not an https URL"},
		{"link with a password", invitation(), set("link", "https://a:secret@example.com"), "link is not an https URL"},
		{"line break in a name", invitation(), set("name", "Babs\r\nBcc: secret@example.com"), "name has a line break"},
		{"line separator in a name", invitation(), set("name", "Babs\u2028secret"), "name has a line break"},
		{"zero byte in a code", loginCode(), set("code", "1\x00secret"), "code has a line break"},
		{"broken UTF-8", invitation(), set("name", "secret\xff"), "name has a line break"},
		{"very long name", invitation(), set("name", strings.Repeat("secret", 700)), "name has more than"},
		{"no address", invitation(), func(n *notify.Notice) { n.To = "" }, "not a mail address"},
		{"address with a name", invitation(), func(n *notify.Notice) { n.To = "secret <babs@example.com>" }, "not a mail address"},
		{"two addresses", invitation(), func(n *notify.Notice) { n.To = "babs@example.com,secret@example.com" }, "not a mail address"},
		{"address with a header", invitation(), func(n *notify.Notice) { n.To = "babs@example.com\r\nBcc: secret@example.com" }, "not a mail address"},
		{"quoted line break", invitation(), func(n *notify.Notice) { n.To = "\"a\r\n secret\"@example.com" }, "not a mail address"},
		{"long address", invitation(), func(n *notify.Notice) { n.To = strings.Repeat("secret", 50) + "@example.com" }, "not a mail address"},
		{"national number", loginCode(), func(n *notify.Notice) { n.To = "0791234567" }, "not a phone number"},
		{"number with letters", loginCode(), func(n *notify.Notice) { n.To = "+41secret" }, "not a phone number"},
		{"foreign endpoint", event(hookURL), func(n *notify.Notice) { n.To = "https://secret.example.com" }, "no endpoint of account acme"},
		{"type with spaces", event(hookURL), set("type", "user locked secret"), "type is not the type of an event"},
		{"type with an empty part", event(hookURL), set("type", "user..locked"), "type is not the type of an event"},
		{"data that is no object", event(hookURL), set("data", `["secret"]`), "data is not a JSON object"},
		{"data that is no JSON", event(hookURL), set("data", `{"secret"`), "data is not a JSON object"},
		{"very long data", event(hookURL), set("data", `{"a":"`+strings.Repeat("secret", 12_000)+`"}`), "data is not a JSON object"},
	}
	n := newNotifier(t, complete())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.change(&tt.notice)
			_, err := n.Message(sender(), tt.notice)
			require.ErrorIs(t, err, notify.ErrInvalid)
			require.ErrorContains(t, err, tt.problem)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

// TestSenderRefusals: the account's own settings cannot add a header either.
func TestSenderRefusals(t *testing.T) {
	n := newNotifier(t, complete())
	from := sender()
	from.Title = "Acme\nBcc: x@example.com"
	_, err := n.Message(from, invitation())
	require.ErrorIs(t, err, notify.ErrInvalid)
	from = sender()
	from.Endpoints = []string{"http://hooks.example.com"}
	_, err = n.Message(from, event("http://hooks.example.com"))
	require.ErrorIs(t, err, notify.ErrInvalid)
}

func TestPhoneNumbers(t *testing.T) {
	for written, sent := range map[string]string{
		"+41790000000":         "+41790000000",
		"+41 (79) 000-00.00":   "+41790000000",
		"tel:+1-201-555-0123":  "+12015550123",
		"+49 30/123 45 67":     "+49301234567",
		"tel:+41 79 000 00 00": "+41790000000",
	} {
		notice := loginCode()
		notice.To = written
		m, err := newNotifier(t, complete()).Message(sender(), notice)
		require.NoError(t, err, written)
		require.Equal(t, sent, letterOf(t, m).To)
	}
}
