package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth/audit"
	"roster/auth/authtest"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/extensions/notify"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// crowd is many clients that write to an account until they are let in no more.
type crowd struct {
	*site
	mu    sync.Mutex
	users []string // ids of those whose creation was answered
	made  atomic.Int64
	most  int64       // when so many were made, the account is to be deleted
	ready func()      // is told so
	seen  map[int]int // statuses
	all   sync.WaitGroup
}

// write has a client do something again and again. It may be refused only as one
// whose account is going.
func (c *crowd) write(do func(n int) reply) {
	c.all.Go(func() {
		for n := 0; ; n++ {
			status := do(n).status
			c.mu.Lock()
			c.seen[status]++
			c.mu.Unlock()
			if status == http.StatusUnauthorized {
				return
			}
		}
	})
}

// created notes a user that was made.
func (c *crowd) created(r reply, id string) reply {
	if id == "" {
		return r
	}
	c.mu.Lock()
	c.users = append(c.users, id)
	c.mu.Unlock()
	if c.made.Add(1) == c.most {
		c.ready()
	}
	return r
}

// begin starts clients of all kinds.
func (c *crowd) begin() {
	const account = "/v1/account"
	known := c.user("known", `"password":"correct horse"`)
	name := func(kind string, n int) string { return fmt.Sprintf("%s%d-%s", kind, n, c.fresh()) }
	for range 2 {
		c.write(func(n int) reply {
			r := c.scim("POST", "/Users", `{"userName":"`+name("scim", n)+`","emails":[{"value":"`+name("mail", n)+`@example.com"}]}`)
			return c.created(r, r.Get("id").Text())
		})
		c.write(func(n int) reply {
			r := c.scim("POST", "/Bulk", `{"schemas":["`+scim.MessageBulkRequest+`"],"Operations":[
				{"method":"POST","bulkId":"u","path":"/Users","data":{"userName":"`+name("bulk", n)+`"}},
				{"method":"POST","bulkId":"g","path":"/Groups","data":{"displayName":"`+name("group", n)+`","members":[{"value":"bulkId:u"}]}}]}`)
			for _, done := range r.Get("Operations").Elements() {
				status, location := done.Get("status").Text(), done.Get("location").Text()
				// 409 is that of a group whose user was not made.
				require.Contains(c.t, []string{"201", "404", "409"}, status, r.text)
				if status == "201" && strings.Contains(location, "/Users/") {
					c.created(r, path.Base(location))
				}
			}
			return r
		})
		c.write(func(n int) reply {
			r := c.ask("POST", account+"/invitation/invite", `{"emailAddress":"`+name("guest", n)+`@example.com"}`)
			return c.created(r, r.Get("userId").Text())
		})
		c.write(func(n int) reply {
			return c.scim("PATCH", "/Users/"+known, `{"Operations":[{"op":"replace","path":"title","value":"`+name("t", n)+`"}]}`)
		})
		c.write(func(int) reply {
			return c.ask("POST", account+"/authenticate", `{"loginName":"known@example.com","password":"wrong"}`)
		})
		c.write(func(int) reply { return c.scim("GET", "/Users?count=1", "") })
	}
	c.write(func(n int) reply {
		r := c.scim("POST", "/Users", `{"userName":"`+name("passing", n)+`"}`)
		if id := r.Get("id").Text(); id != "" {
			c.created(r, id)
			return c.scim("DELETE", "/Users/"+id, "")
		}
		return r
	})
}

// TestAccountDeletedUnderLoad: of an account that is deleted while many write to it,
// and while its messages are delivered, its log is left and nothing else. Nobody is
// answered with a fault, and none is logged. Other accounts notice nothing.
func TestAccountDeletedUnderLoad(t *testing.T) {
	const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			logs := &authtest.Log{}
			s := atWork(t, memory, func(c *app.Config) {
				c.Logger = slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelWarn}))
			})
			hook := newTaker(t, 204)
			go func() {
				for range hook.taken { // all of them, or the receiver would not answer
				}
			}()
			t.Cleanup(func() { hook.Close(); close(hook.taken) })
			s.set(`{"webhooks":[{"url":"` + hook.URL + `","secret":"` + secret + `"}]}`)
			id := s.api("GET", "/me", "").Get("account").Get("id").Text()
			other := s.other("other", everything()...)
			kept := other.user("kept")

			full := make(chan struct{})
			c := &crowd{site: s, most: 100, ready: func() { close(full) }, seen: map[int]int{}}
			c.begin()
			<-full
			_, err := s.Service().DeleteAccount(context.Background(), "acme")
			require.NoError(t, err)
			c.all.Wait()
			for status := range c.seen {
				// 403 is what a wrong password is answered with.
				require.Contains(t, []int{200, 201, 204, 401, 403, 404}, status, c.seen)
			}
			s.requireNothing(id, c.users)
			s.requireAudited(id, c.users)
			for _, line := range strings.Split(strings.TrimSpace(logs.String()), "\n") {
				// What was about to be delivered is not, which is said.
				require.True(t, line == "" || strings.Contains(line, `msg="message dead"`) && strings.Contains(line, "no such webhook"), line)
			}
			other.scim("GET", "/Users/"+kept, "").is(200)
			other.scim("POST", "/Users", `{"userName":"later"}`).is(201)
		})
	}
}

// requireNothing requires that nothing of a deleted account is left but its log.
func (s *site) requireNothing(id string, users []string) {
	s.t.Helper()
	ctx := context.Background()
	require.NoError(s.t, s.Service().Store.View(ctx, storage.Account(id), func(v storage.Snapshot) error {
		for _, typ := range []string{"User", "Group", "Role", "OrgUnit"} {
			for _, typ := range []string{typ, provider.Removed(typ)} {
				page, err := v.Query(ctx, storage.Query{Type: typ, Total: true})
				require.NoError(s.t, err)
				require.Zero(s.t, page.Total, typ)
			}
		}
		for _, user := range users {
			names, err := v.Sides(ctx, user, "", "", 1)
			require.NoError(s.t, err)
			require.Empty(s.t, names)
			groups, err := v.Edges(ctx, "member", storage.Inbound, user, "", 1)
			require.NoError(s.t, err)
			require.Empty(s.t, groups)
		}
		queues := []string{notify.QueueMail, notify.QueueSMS, notify.Outbox, notify.DeadLetters}
		for i := range notify.MaxEndpoints {
			queues = append(queues, fmt.Sprintf("%s.%d", notify.QueueWebhook, i))
		}
		for _, queue := range queues {
			messages, err := v.Messages(ctx, queue, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 1)
			require.NoError(s.t, err)
			require.Empty(s.t, messages, queue)
		}
		return nil
	}))
	_, err := s.Service().Store.Apply(ctx, storage.Account(id), storage.Batch{})
	require.ErrorIs(s.t, err, storage.ErrErased)
	report, err := s.Service().Check(ctx, struct{}{})
	require.NoError(s.t, err)
	require.Empty(s.t, report.Problems)
}

// requireAudited requires that the audit of a deleted account verifies, and tells of
// each user that was made, and of the account's end.
func (s *site) requireAudited(id string, users []string) {
	s.t.Helper()
	var lines bytes.Buffer
	require.NoError(s.t, s.Service().ExportAudit(context.Background(), admin.AuditQuery{Account: id}, &lines))
	report, err := audit.Verify(&lines)
	require.NoError(s.t, err)
	require.Empty(s.t, report.Problems)
	told := map[string][]string{}
	for after := ""; ; {
		page, err := s.Service().ReadAudit(context.Background(), admin.AuditQuery{Account: id, Query: audit.Query{After: after, Limit: 1000}})
		require.NoError(s.t, err)
		for _, record := range page.Records {
			told[record.Subject] = append(told[record.Subject], record.Type)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	for _, user := range users {
		require.Condition(s.t, func() bool {
			return len(told[user]) > 0 && (told[user][0] == "user.created" || told[user][0] == "user.invited")
		}, "%s: %v", user, told[user])
	}
	for _, want := range []string{"token.revoked", "account.deleting", "account.deleted"} {
		require.Contains(s.t, told[id], want)
	}
}
