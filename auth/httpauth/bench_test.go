package httpauth_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// discard is an answer that nobody reads.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkServe is what a request costs beside its handler and its authenticator.
func BenchmarkServe(b *testing.B) {
	handler := routes(io.Discard)
	r := httptest.NewRequest("GET", "https://scim.example.com/required", nil)
	r.RemoteAddr = "192.0.2.1:1000"
	r.Header.Set("Authorization", "Bearer "+reader)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	require.Equal(b, 200, w.Code)
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(discard{http.Header{}}, r)
	}
}
