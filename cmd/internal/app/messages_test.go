package app_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/extensions/notify"
	"roster/scim"
	"roster/scim/server"
)

// taker is a receiver of webhooks and text messages.
type taker struct {
	*httptest.Server
	taken chan taken
}

// taken is what it took.
type taken struct {
	header http.Header
	body   string
}

// patience is far longer than a message takes on a busy machine.
const patience = time.Minute

// newTaker starts a receiver that answers with a status.
func newTaker(t *testing.T, status int) *taker {
	r := &taker{taken: make(chan taken, 100)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		w.WriteHeader(status)
		r.taken <- taken{q.Header, string(body)}
	}))
	t.Cleanup(r.Close)
	return r
}

// next is what came next; its signature is that of the secret.
func (r *taker) next(t *testing.T, secret string) scim.Value {
	t.Helper()
	select {
	case got := <-r.taken:
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		require.NoError(t, err)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(got.header.Get("webhook-id") + "." + got.header.Get("webhook-timestamp") + "." + got.body))
		require.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), got.header.Get("webhook-signature"))
		v, err := scim.ParseJSON([]byte(got.body))
		require.NoError(t, err)
		return v
	case <-time.After(patience):
		require.Fail(t, "nothing came")
		panic("unreachable")
	}
}

// atWork is a site on an engine whose background work is done meanwhile.
func atWork(t *testing.T, memory bool, change func(*app.Config)) *site {
	h := newHarness(t, memory, change)
	h.base = strings.TrimSuffix(h.base, server.Root)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); h.Work(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return &site{harness: h, account: "acme", token: h.account("acme", "", everything()...), openapi: describe(t, h.base)}
}

// TestWebhooks: an account is told of the changes that it wants to be told of,
// whoever makes them, and can see who says so; a receiver that refuses for good
// leaves dead letters.
func TestWebhooks(t *testing.T) {
	const secret, other = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			s := atWork(t, memory, func(*app.Config) {})
			all, locks, refusing := newTaker(t, 204), newTaker(t, 200), newTaker(t, 410)
			s.set(`{"webhooks":[{"url":"` + all.URL + `/all?k=1","secret":"` + secret + `"},{"url":"` + locks.URL + `","secret":"` + other + `","events":["user.locked"]},
				{"url":"` + refusing.URL + `","secret":"` + other + `","events":["user.locked"]}]}`)
			account := s.api("GET", "/me", "").Get("account").Get("id").Text()
			id := s.scim("POST", "/Users", `{"userName":"ada","password":"correct horse","title":"Dr"}`, "x-correlation-id: onboarding-1").is(201).Get("id").Text()
			created := all.next(t, secret)
			require.Equal(t, "user.created", created.Get("type").Text())
			require.Equal(t, account, created.Get("data").Get("accountId").Text())
			require.Equal(t, id, created.Get("data").Get("subject").Text())
			event := created.Get("data").Get("event").String()
			require.Contains(t, event, "onboarding-1")
			require.Contains(t, event, `"Dr"`)
			require.NotContains(t, event, "correct horse")

			s.api("POST", "/users/"+id+"/lock", "").is(200)
			require.Equal(t, "user.locked", all.next(t, secret).Get("type").Text())
			require.Equal(t, "user.locked", locks.next(t, other).Get("type").Text(), "nothing else came before it")
			refusing.next(t, other)
			dead := func() []notify.Letter {
				list, err := s.Service().ListLetters(context.Background(), admin.LetterQuery{Account: "acme", Dead: true, Limit: 10})
				require.NoError(t, err)
				return list
			}
			require.Eventually(t, func() bool { return len(dead()) == 1 }, patience, time.Millisecond)
			require.Equal(t, "HTTP 410", dead()[0].Error)
			require.Equal(t, refusing.URL, dead()[0].To)
		})
	}
}

// TestTextMessages: the operator's gateway gets what a number is sent, signed.
func TestTextMessages(t *testing.T) {
	const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			gateway := newTaker(t, 202)
			s := atWork(t, memory, func(c *app.Config) {
				c.Messages.SMS = notify.Gateway{URL: gateway.URL + "/send", Secret: auth.Secret(secret)}
			})
			id := s.user("ada")
			s.api("PUT", "/users/"+id+"/phone", `{"phoneNumber":"+4930123456"}`).is(200)
			message := gateway.next(t, secret)
			require.Equal(t, "+4930123456", message.Get("to").Text())
			require.Equal(t, "phoneVerification", message.Get("kind").Text())
			code := digits.FindString(message.Get("text").Text())
			account := s.api("GET", "/me", "").Get("account").Get("id").Text()
			s.api("POST", "/verification/complete", `{"accountId":"`+account+`","userId":"`+id+`","channel":"phone","code":"`+code+`"}`, "Authorization: ").is(200)
			require.True(t, s.api("GET", "/users/"+id+"/phone", "").Get("verified").Bool())
		})
	}
}

// TestOnboarding: an identity provider brings ten thousand users, and changes them;
// nobody is sent anything.
func TestOnboarding(t *testing.T) {
	s := atWork(t, true, func(*app.Config) {})
	const batches, each = 10, 1000
	operations := make([]string, each)
	for batch := range batches {
		for i := range operations {
			name := fmt.Sprintf("user%d-%d@example.com", batch, i)
			operations[i] = fmt.Sprintf(`{"method":"POST","path":"/Users","bulkId":"%d","data":{"userName":%q,"emails":[{"value":%q,"primary":true}],"phoneNumbers":[{"value":"+4930123456"}]}}`, i, name, name)
		}
		r := s.scim("POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[`+strings.Join(operations, ",")+`]}`).is(200)
		require.Equal(t, each, strings.Count(r.text, `"status":"201"`))
	}
	require.Equal(t, batches*each, s.total(`A:status eq "active"`))
	id := s.scim("GET", "/Users?count=1", "").Get("Resources").At(0).Get("id").Text()
	s.scim("PATCH", "/Users/"+id, `{"Operations":[{"op":"replace","value":{"emails":[{"value":"new@example.com"}],"phoneNumbers":[{"value":"+4930123457"}],"active":false}}]}`).is(200)
	all, err := s.Service().ListLetters(t.Context(), admin.LetterQuery{Account: s.account, Limit: 1000})
	require.NoError(t, err)
	require.Empty(t, all)
}
