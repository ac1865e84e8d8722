package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/authtest"
	"roster/auth/outgoing"
	"roster/extensions/notify"
	"roster/storage"
	"roster/storage/memory"
)

func TestWebhook(t *testing.T) {
	onEachEngine(t, func(t *testing.T, store storage.Store) {
		r := receive(t, status(http.StatusNoContent))
		o := openTo(t, store, r, nil)
		sent := o.enqueue(acme, hooked(r.URL+"/hook?key=1"), event(r.URL+"/hook?key=1"))
		require.Equal(t, notify.Delivered, o.deliver(acme).Outcome)
		require.Empty(t, queued(t, store, acme, sent.Queue))
		got := r.received()
		require.Len(t, got, 1)
		require.Equal(t, http.MethodPost, got[0].Method)
		require.Equal(t, "/hook?key=1", got[0].RequestURI)
		require.Equal(t, "application/json", got[0].Header.Get("Content-Type"))
		require.Equal(t, sent.ID, got[0].Header.Get("webhook-id"))
		require.Equal(t, fmt.Sprint(noon.Unix()), got[0].Header.Get("webhook-timestamp"))
		require.JSONEq(t, `{"type":"user.locked","timestamp":"2026-03-01T11:59:58Z","data":{"userId":"u1"}}`, got[0].body)
		verify(t, hookKey, got[0])
	})
}

// TestWebhookAgain: each attempt has the same id, and its own time and signature.
func TestWebhookAgain(t *testing.T) {
	r := receive(t, status(http.StatusServiceUnavailable))
	o := openTo(t, memory.New(nil), r, nil)
	o.enqueue(acme, hooked(r.URL), event(r.URL))
	require.Equal(t, notify.Postponed, o.deliver(acme).Outcome)
	o.clock.Advance(time.Minute)
	require.Equal(t, notify.Postponed, o.deliver(acme).Outcome)
	got := r.received()
	require.Len(t, got, 2)
	require.Equal(t, got[0].Header.Get("webhook-id"), got[1].Header.Get("webhook-id"))
	require.Equal(t, fmt.Sprint(noon.Add(time.Minute).Unix()), got[1].Header.Get("webhook-timestamp"))
	verify(t, hookKey, got[0])
	verify(t, hookKey, got[1])
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		status  int
		outcome notify.Outcome
	}{
		{200, notify.Delivered},
		{202, notify.Delivered},
		{299, notify.Delivered},
		{301, notify.Postponed},
		{307, notify.Postponed},
		{400, notify.Dead},
		{401, notify.Dead},
		{404, notify.Dead},
		{408, notify.Postponed},
		{410, notify.Dead},
		{429, notify.Postponed},
		{500, notify.Postponed},
		{503, notify.Postponed},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			r := receive(t, status(tt.status))
			o := openTo(t, memory.New(nil), r, nil)
			o.enqueue(acme, hooked(r.URL), event(r.URL))
			attempt := o.deliver(acme)
			require.Equal(t, tt.outcome, attempt.Outcome)
			if tt.outcome != notify.Delivered {
				require.Equal(t, fmt.Sprintf("HTTP %d", tt.status), attempt.Reason)
			}
		})
	}
}

// TestRedirect: a receiver cannot send the message elsewhere.
func TestRedirect(t *testing.T) {
	elsewhere := receive(t, status(200))
	r := receive(t, func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	o := openTo(t, memory.New(nil), r, nil)
	o.enqueue(acme, hooked(r.URL), event(r.URL))
	require.Equal(t, "HTTP 307", o.deliver(acme).Reason)
	require.Empty(t, elsewhere.received())
}

// TestLongAnswer: what a receiver says is not read, so it can be endless.
func TestLongAnswer(t *testing.T) {
	r := receive(t, func(w http.ResponseWriter, q *http.Request) {
		for q.Context().Err() == nil {
			if _, err := w.Write([]byte(strings.Repeat("x", 64<<10))); err != nil {
				return
			}
		}
	})
	o := openTo(t, memory.New(nil), r, nil)
	o.enqueue(acme, hooked(r.URL), event(r.URL))
	require.Equal(t, notify.Delivered, o.deliver(acme).Outcome)
}

// TestLongHeader: it is cut off.
func TestLongHeader(t *testing.T) {
	r := receive(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 1<<20))
		w.WriteHeader(200)
	})
	o := openTo(t, memory.New(nil), r, nil)
	o.enqueue(acme, hooked(r.URL), event(r.URL))
	require.Equal(t, notify.Postponed, o.deliver(acme).Outcome)
}

// TestSecrets: asked for at each attempt, and kept out of logs, as is the URL.
func TestSecrets(t *testing.T) {
	tests := []struct {
		name    string
		secret  auth.Secret
		err     error
		outcome notify.Outcome
		reason  string
	}{
		{"removed webhook", "", storage.ErrNotFound, notify.Dead, "the account has no such webhook any more"},
		{"store that is down", "", errors.New("disk"), notify.Postponed, "find the secret of the webhook: disk"},
		{"secret that is none", "sesame", nil, notify.Postponed, `the secret of the webhook is not "whsec_" and the base64 of 24 to 64 bytes`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := receive(t, status(200))
			asked := []string{}
			o := openTo(t, memory.New(nil), r, func(c *notify.WorkerConfig) {
				c.Secret = func(_ context.Context, account storage.Account, url string) (auth.Secret, error) {
					asked = append(asked, string(account)+" "+url)
					return tt.secret, tt.err
				}
			})
			o.enqueue(acme, hooked(r.URL), event(r.URL))
			attempt := o.deliver(acme)
			require.Equal(t, tt.outcome, attempt.Outcome)
			require.Equal(t, tt.reason, attempt.Reason)
			require.Equal(t, []string{"acme-id " + r.URL}, asked)
			require.Empty(t, r.received())
		})
	}
}

// TestUnreachableReceiver: the reason does not show the URL, whose query may be a
// key.
func TestUnreachableReceiver(t *testing.T) {
	r := receive(t, status(200))
	o := openTo(t, memory.New(nil), r, nil)
	r.Close()
	o.enqueue(acme, hooked(r.URL+"/?key=sesame"), event(r.URL+"/?key=sesame"))
	attempt := o.deliver(acme)
	require.Equal(t, notify.Postponed, attempt.Outcome)
	require.Contains(t, attempt.Reason, "refused")
	require.NotContains(t, attempt.Reason, "sesame")
}

// TestInternalReceiver: a webhook by a name that leads to this machine gets nothing
// unless that is allowed, and the dead letter says how. The operator's gateway is
// wherever it is.
func TestInternalReceiver(t *testing.T) {
	r := receive(t, status(200))
	named := strings.Replace(r.URL, "127.0.0.1", "example.com", 1)
	openIn := func(internal ...netip.Prefix) *office {
		return openTo(t, memory.New(nil), r, func(c *notify.WorkerConfig) {
			c.MaxAttempts = 1
			c.SMS = notify.Gateway{URL: named + "/send"}
			c.Network = outgoing.New(outgoing.Config{Roots: c.Roots, Internal: internal, Proxy: http.ProxyURL(nil),
				Resolver: authtest.NewResolver(t, map[string]string{"example.com": "127.0.0.1"})})
		})
	}
	o := openIn()
	o.enqueue(acme, hooked(named), event(named))
	attempt := o.deliver(acme)
	require.Equal(t, notify.Dead, attempt.Outcome)
	const hint = "127.0.0.1 (ROSTER_INTERNAL_NETWORK)"
	require.Contains(t, attempt.Reason, hint)
	letters, err := notify.Box{Store: o.store, Queue: notify.DeadLetters}.List(t.Context(), acme, 1)
	require.NoError(t, err)
	require.Contains(t, letters[0].Error, hint)
	require.Empty(t, r.received())
	o.enqueue(acme, sender(), loginCode())
	require.Equal(t, notify.Delivered, o.deliver(acme).Outcome)
	require.Equal(t, "/send", r.received()[0].RequestURI)

	o = openIn(netip.MustParsePrefix("127.0.0.0/8"))
	o.enqueue(acme, hooked(named), event(named))
	require.Equal(t, notify.Delivered, o.deliver(acme).Outcome)
}

func TestSMS(t *testing.T) {
	onEachEngine(t, func(t *testing.T, store storage.Store) {
		r := receive(t, status(http.StatusAccepted))
		o := openTo(t, store, r, func(c *notify.WorkerConfig) { c.SMS = notify.Gateway{URL: r.URL + "/send", Secret: gatewayKey} })
		sent := o.enqueue(acme, sender(), loginCode())
		require.Equal(t, notify.Delivered, o.deliver(acme).Outcome)
		require.Empty(t, queued(t, store, acme, notify.QueueSMS))
		got := r.received()
		require.Len(t, got, 1)
		require.JSONEq(t, fmt.Sprintf(`{"id":%q,"account":"acme","kind":"loginCode","language":"en","to":"+41790000000",
			"text":"246810 is your code for Acme & Sons. Tell it to nobody. Valid until 2026-03-01 12:10 UTC."}`, sent.ID), got[0].body)
		require.Equal(t, sent.ID, got[0].Header.Get("webhook-id"))
		verify(t, gatewayKey, got[0])
	})
}

// TestUnsignedSMS: a gateway without a secret gets no signature, but the id.
func TestUnsignedSMS(t *testing.T) {
	r := receive(t, status(200))
	o := openTo(t, memory.New(nil), r, func(c *notify.WorkerConfig) { c.SMS.URL = r.URL })
	sent := o.enqueue(acme, sender(), loginCode())
	require.Equal(t, notify.Delivered, o.deliver(acme).Outcome)
	got := r.received()[0]
	require.Equal(t, sent.ID, got.Header.Get("webhook-id"))
	require.Empty(t, got.Header.Get("webhook-signature"))
}
