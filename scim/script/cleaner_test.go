package script

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCleaner: what was created and not deleted is deleted, the newest first.
func TestCleaner(t *testing.T) {
	var deleted []string
	mux := http.NewServeMux()
	mux.HandleFunc("POST /scim/{path...}", func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		status, body, _ := strings.Cut(string(content), " ")
		w.Header().Set("Location", "https://elsewhere.example.com/scim/Users/from-location")
		w.WriteHeader(map[string]int{"201": 201, "200": 200, "409": 409}[status])
		fmt.Fprint(w, body)
	})
	mux.HandleFunc("DELETE /scim/{path...}", func(w http.ResponseWriter, r *http.Request) {
		deleted = append(deleted, r.URL.Path+" "+r.Header.Get("Authorization"))
		if strings.HasSuffix(r.URL.Path, "stuck") {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	base := s.URL + "/scim"
	cleaner := &Cleaner{Base: base}
	client := &http.Client{Transport: cleaner}
	send := func(method, path, body string) string {
		req, err := http.NewRequest(method, base+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer secret")
		resp, err := client.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		content, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return string(content)
	}

	require.Equal(t, `{"id":"1"}`, send("POST", "/Users?attributes=id", `201 {"id":"1"}`), "the body is still there")
	send("POST", "/Users/", `200 {"id":"2"}`)
	send("POST", "/Users", `201 `)
	send("POST", "/Users", `409 {"id":"refused"}`)
	send("POST", "/Users/.search", `200 {"id":"found"}`)
	send("POST", "/Groups", `201 {"id":"stuck"}`)
	send("POST", "/Bulk", `200 {"Operations":[{"method":"POST","location":"https://x/scim/Groups/b"},{"method":"PUT","location":"https://x/scim/Users/9"},{"method":"POST"}]}`)
	send("DELETE", "/Users/1", "")

	deleted = nil
	require.Equal(t, []string{base + "/Groups/stuck"}, cleaner.Clean(t.Context()))
	require.Equal(t, []string{
		"/scim/Groups/b Bearer secret", "/scim/Groups/stuck Bearer secret",
		"/scim/Users/from-location Bearer secret", "/scim/Users/2 Bearer secret",
	}, deleted)
	require.Empty(t, cleaner.Clean(t.Context()), "once is enough")
}
