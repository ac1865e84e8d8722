package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"roster/auth"
	"roster/auth/outgoing"
	"roster/auth/receiver"
	"roster/storage"
)

// poster delivers by HTTP: webhooks, and SMS to their gateway.
type poster struct {
	network *outgoing.Network
	now     func() time.Time
	gateway Gateway
	// secret returns that of an account's endpoint; see WorkerConfig.Secret.
	secret func(context.Context, storage.Account, string) (auth.Secret, error)
}

// newClient returns a client that follows no redirect: the receiver is the URL
// that was configured, and a redirect could lead to http.
func newClient(way http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     way,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (p *poster) sendWebhook(ctx context.Context, account storage.Account, l Letter) error {
	secret, err := p.secret(ctx, account, l.To)
	if errors.Is(err, storage.ErrNotFound) {
		return &failure{reason: "the account has no such webhook any more", permanent: true}
	}
	if err != nil {
		return fmt.Errorf("find the secret of the webhook: %w", err)
	}
	key, err := receiver.SigningKey(secret)
	if err != nil {
		return fmt.Errorf("the secret of the webhook %w", err)
	}
	return p.post(ctx, p.network.To(l.To), l.To, l.ID, l.Payload, key)
}

func (p *poster) sendSMS(ctx context.Context, _ storage.Account, l Letter) error {
	body, err := json.Marshal(map[string]string{
		"id": l.ID, "account": l.Account, "kind": string(l.Kind), "language": l.Language, "to": l.To, "text": l.Text,
	})
	if err != nil {
		return err
	}
	var key []byte
	if p.gateway.Secret != "" {
		if key, err = receiver.SigningKey(p.gateway.Secret); err != nil {
			return fmt.Errorf("the secret of the SMS gateway %w", err)
		}
	}
	return p.post(ctx, p.network.Anywhere(), p.gateway.URL, l.ID, body, key)
}

// post sends JSON, signed unless key is empty. Of the answer it reads the header
// only, so a receiver cannot make it read much.
func (p *poster) post(ctx context.Context, way http.RoundTripper, to, id string, body, key []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return &failure{reason: "the URL of the receiver cannot be read", permanent: true}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "roster")
	r.Header.Set("Webhook-Id", id)
	if len(key) > 0 {
		at := strconv.FormatInt(p.now().Unix(), 10)
		r.Header.Set("Webhook-Timestamp", at)
		r.Header.Set("Webhook-Signature", sign(key, id, at, body))
	}
	answer, err := newClient(way).Do(r)
	if err != nil {
		return withoutURL(err)
	}
	_ = answer.Body.Close()
	return judgeStatus(answer.StatusCode)
}

// withoutURL takes the URL out of an error of http.Client: its query may be a key.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return fmt.Errorf("send: %w", u.Err)
	}
	return err
}

// judgeStatus follows Standard Webhooks, except that a refusal of the request
// itself is not repeated. A redirect is: its receiver may be moving.
func judgeStatus(status int) error {
	if status/100 == 2 {
		return nil
	}
	again := status == http.StatusRequestTimeout || status == http.StatusTooManyRequests
	return &failure{reason: fmt.Sprintf("HTTP %d", status), permanent: status/100 == 4 && !again}
}

// sign returns the signature of Standard Webhooks, version 1.
func sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%s.", id, timestamp)
	_, _ = mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
