package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/password"
	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
	"roster/cmd/internal/config"
	"roster/scim"
	"roster/scim/server"
)

// bench is the server that is served, over a bolt file with many users, without
// the network.
type bench struct {
	*app.App
	token string
	ids   []string
}

func benchUser(i int) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],`+
		`"externalId":"ext-%[1]d","userName":"user%[1]d@example.com","displayName":"User %[1]d","active":true,"title":"Engineer","locale":"en-US",`+
		`"name":{"givenName":"Given%[2]d","familyName":"Family%[3]d","formatted":"Given%[2]d Family%[3]d"},`+
		`"emails":[{"value":"user%[1]d@example.com","type":"work","primary":true},{"value":"home%[1]d@example.org","type":"home"}],`+
		`"phoneNumbers":[{"value":"+41 44 000 %[1]d","type":"work"}],"roles":[{"value":"role%[4]d"}],`+
		`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"%[1]d","department":"Department %[4]d"}}`,
		i, i%997, i%1009, i%50)
}

// newBench makes a server and its users. Every change waits until it is on disk.
func newBench(b *testing.B, users int) *bench {
	c := app.Config{Config: config.Defaults(), Unlimited: true, Passwords: password.Config{Memory: 8, Time: 1}, Logger: slog.New(slog.DiscardHandler)}
	c.Data = b.TempDir()
	a, err := app.New(c)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, a.Close()) })
	ctx := context.Background()
	_, err = a.Service().CreateAccount(ctx, admin.NewAccount{Name: "bench"})
	require.NoError(b, err)
	scopes := append(auth.AccountScopes(), auth.SCIM)
	issued, err := a.Service().CreateToken(ctx, admin.NewToken{Account: "bench", Name: "bench", Scopes: scopes})
	require.NoError(b, err)
	s := &bench{a, issued.Secret, make([]string, users)}
	s.load()
	return s
}

func (s *bench) load() {
	const loaders = 64
	var wg sync.WaitGroup
	for l := range loaders {
		wg.Go(func() {
			for i := l; i < len(s.ids); i += loaders {
				body := s.must(201, "POST", "/Users", benchUser(i))
				made, err := scim.ParseJSON(body)
				if err != nil {
					panic(err)
				}
				s.ids[i] = made.Get("id").Text()
			}
		})
	}
	wg.Wait()
}

// do sends one request, with a path that is below the SCIM root or has a root of
// its own, and returns the status.
func (s *bench) do(method, path, body string) (int, *bytes.Buffer) {
	if !strings.HasPrefix(path, accountRoot) {
		path = server.Root + path
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Code, w.Body
}

// must is do for a request that succeeds. It may be called from any goroutine.
func (s *bench) must(status int, method, path, body string) []byte {
	got, answer := s.do(method, path, body)
	if got != status {
		panic(fmt.Sprint(method, " ", path, ": ", got, " ", answer))
	}
	return answer.Bytes()
}

// BenchmarkRead shows that finding one of 100,000 users costs what finding one
// of 1,000 costs.
func BenchmarkRead(b *testing.B) {
	for _, users := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			s := newBench(b, users)
			for _, row := range []struct {
				name string
				path func(i int) string
			}{
				{"get", func(i int) string { return "/Users/" + s.ids[i%users] }},
				{"userName-eq", func(i int) string {
					return fmt.Sprintf("/Users?filter=userName+eq+%%22user%d@example.com%%22", i%users)
				}},
				{"list-100", func(i int) string { return fmt.Sprintf("/Users?startIndex=%d&count=100", i%(users-100)+1) }},
				{"department-and-active", func(i int) string {
					return fmt.Sprintf("/Users?filter=%s+eq+%%22Department+%d%%22+and+active+eq+true&count=10", scim.SchemaEnterpriseUser+":department", i%50)
				}},
				{"account-get", func(i int) string { return accountRoot + "users/" + s.ids[i%users] }},
				{"account-list-100", func(i int) string {
					return fmt.Sprintf("%susers?from=%d&take=100", accountRoot, i%(users-100))
				}},
			} {
				b.Run(row.name, func(b *testing.B) {
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						s.must(200, "GET", row.path(i*7919), "")
					}
				})
			}
		})
	}
}

// BenchmarkWrite measures durable changes: each waits until it is on disk.
func BenchmarkWrite(b *testing.B) {
	s := newBench(b, 1_000)
	var next atomic.Int64
	next.Store(1_000_000)
	b.Run("create", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.must(201, "POST", "/Users", benchUser(int(next.Add(1))))
		}
	})
	b.Run("create-64-clients", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				s.must(201, "POST", "/Users", benchUser(int(next.Add(1))))
			}
		})
	})
	b.Run("patch", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s.must(200, "PATCH", "/Users/"+s.ids[i%len(s.ids)], fmt.Sprintf(`{"Operations":[{"op":"replace","path":"title","value":"%d"}]}`, i))
		}
	})
}

// BenchmarkAuthenticate measures all of a login but the hash, which is as cheap as
// can be. One that fails waits until it is counted on disk.
func BenchmarkAuthenticate(b *testing.B) {
	s := newBench(b, 1_000)
	s.must(201, "POST", "/Users", `{"userName":"ada@example.com","password":"correct horse battery staple"}`)
	for _, row := range []struct {
		name, login string
		status      int
	}{{"right", "Ada@example.com", 200}, {"unknown", "nobody@example.com", 403}} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.must(row.status, "POST", accountRoot+"authenticate", `{"loginName":"`+row.login+`","password":"correct horse battery staple"}`)
			}
		})
	}
}
