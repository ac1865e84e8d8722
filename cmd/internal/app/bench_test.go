package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
	"roster/auth/password"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/scim/server"
	"roster/storage/bolt"
)

// bench is a server over a bolt file with many users, without the network.
type bench struct {
	http.Handler
	ids []string
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

// oneAccount takes every token for one of the same account.
type oneAccount struct{}

func (oneAccount) Authenticate(context.Context, auth.Secret) (*auth.Principal, error) {
	return &auth.Principal{Account: "a", Scopes: []auth.Scope{auth.SCIM}}, nil
}

// newBench loads the users without syncing; what is measured afterwards is not
// durable writing, except where sync is true.
func newBench(b *testing.B, users int, sync bool) *bench {
	types := schema.Core()
	store, err := bolt.Open(bolt.Config{Path: filepath.Join(b.TempDir(), "bench.db"), Indexes: query.Indexes(types), NoSync: !sync,
		Logger: slog.New(slog.DiscardHandler)})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	require.NoError(b, store.Ready(context.Background()))
	p, err := provider.New(provider.Config{Store: store, Types: types, Hasher: password.New(password.Config{Memory: 8, Time: 1})})
	require.NoError(b, err)
	mux, err := httpauth.NewMux(httpauth.Config{Authenticator: oneAccount{}, Logger: slog.New(slog.DiscardHandler)}, server.New(server.Config{
		Provider: p, Types: types, PublicURL: "https://scim.example.com",
		Settings: func(context.Context, string) (scim.Profile, scim.Limits, error) {
			return scim.DefaultProfile(), scim.DefaultLimits(), nil
		},
	}))
	require.NoError(b, err)
	s := &bench{mux, make([]string, users)}
	s.load(b, p, types[0])
	return s
}

func (s *bench) load(b *testing.B, p *provider.Provider, user *schema.ResourceType) {
	call := provider.Call{Account: "a", Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Base: "https://scim.example.com/scim/v2"}
	const loaders = 64
	var wg sync.WaitGroup
	for l := range loaders {
		wg.Go(func() {
			for i := l; i < len(s.ids); i += loaders {
				body, err := scim.ParseJSON([]byte(benchUser(i)))
				if err != nil {
					panic(err)
				}
				r, err := p.Create(context.Background(), call, user, body, provider.Projection{})
				if err != nil {
					panic(err)
				}
				s.ids[i] = r.ID
			}
		})
	}
	wg.Wait()
}

// do sends one request and returns the status.
func (s *bench) do(method, path, body string) (int, *bytes.Buffer) {
	r := httptest.NewRequest(method, server.Root+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer any")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body
}

// BenchmarkRead shows that finding one of 100,000 users costs what finding one
// of 1,000 costs.
func BenchmarkRead(b *testing.B) {
	for _, users := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			s := newBench(b, users, false)
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
			} {
				b.Run(row.name, func(b *testing.B) {
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						if status, body := s.do("GET", row.path(i*7919), ""); status != 200 {
							b.Fatal(status, body)
						}
					}
				})
			}
		})
	}
}

// BenchmarkWrite measures durable changes: each waits until it is on disk.
func BenchmarkWrite(b *testing.B) {
	s := newBench(b, 1_000, true)
	var next atomic.Int64
	next.Store(1_000_000)
	b.Run("create", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if status, body := s.do("POST", "/Users", benchUser(int(next.Add(1)))); status != 201 {
				b.Fatal(status, body)
			}
		}
	})
	b.Run("create-64-clients", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if status, body := s.do("POST", "/Users", benchUser(int(next.Add(1)))); status != 201 {
					panic(body.String())
				}
			}
		})
	})
	b.Run("patch", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			ops := fmt.Sprintf(`{"Operations":[{"op":"replace","path":"title","value":"%d"}]}`, i)
			if status, body := s.do("PATCH", "/Users/"+s.ids[i%len(s.ids)], ops); status != 200 {
				b.Fatal(status, body)
			}
		}
	})
}
