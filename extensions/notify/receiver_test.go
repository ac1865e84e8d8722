package notify_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/notify"
	"roster/storage"
)

// receiver is a server that takes webhooks or SMS, and keeps them.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
}

type request struct {
	*http.Request
	body string
}

// receive starts a receiver over HTTPS that answers as answer says.
func receive(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.requests = append(r.requests, request{q, string(body)})
		r.mu.Unlock()
		answer(w, q)
	}))
	t.Cleanup(r.Close)
	return r
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func (r *receiver) received() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]request{}, r.requests...)
}

// openTo starts a worker that trusts the receiver.
func openTo(t *testing.T, store storage.Store, r *receiver, change func(*notify.WorkerConfig)) *office {
	t.Helper()
	return open(t, store, func(c *notify.WorkerConfig) {
		c.Roots = r.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		if change != nil {
			change(c)
		}
	})
}

func hooked(url string) notify.Sender { return notify.Sender{Name: "acme", Endpoints: []string{url}} }

// verify checks a signature as Standard Webhooks tells receivers to.
func verify(t *testing.T, secret string, q request) {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	require.NoError(t, err)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(q.Header.Get("webhook-id") + "." + q.Header.Get("webhook-timestamp") + "." + q.body))
	require.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), q.Header.Get("webhook-signature"))
}
