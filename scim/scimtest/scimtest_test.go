package scimtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"roster/scim/scimtest"
	"roster/scim/script"
)

// store answers like a SCIM server that knows POST, GET, DELETE, a PATCH that
// sets title, and lists without a filter.
func store(t *testing.T) scimtest.Server {
	users := map[string]map[string]any{}
	answer := func(w http.ResponseWriter, status int, user map[string]any) {
		location := "http://example.com/Users/" + user["id"].(string)
		version := `W/"` + strings.Repeat("x", len(user)) + `"`
		w.Header().Set("Location", location)
		w.Header().Set("ETag", version)
		w.Header().Set("Content-Type", "application/scim+json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(user)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /Users", func(w http.ResponseWriter, r *http.Request) {
		user := map[string]any{}
		require.NoError(t, json.NewDecoder(r.Body).Decode(&user))
		user["id"] = "1"
		users["1"] = user
		answer(w, http.StatusCreated, user)
	})
	mux.HandleFunc("GET /Users/1", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, users["1"])
	})
	mux.HandleFunc("PATCH /Users/1", func(w http.ResponseWriter, _ *http.Request) {
		users["1"]["title"] = "Guide"
		answer(w, http.StatusOK, users["1"])
	})
	mux.HandleFunc("DELETE /Users/1", func(w http.ResponseWriter, _ *http.Request) {
		delete(users, "1")
		w.WriteHeader(http.StatusNoContent)
	})
	list := func(w http.ResponseWriter, _ *http.Request) {
		resources := []any{}
		for _, user := range users {
			resources = append(resources, user)
		}
		w.Header().Set("Content-Type", "application/scim+json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"schemas":      []string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"},
			"totalResults": len(users), "Resources": resources,
		})
	}
	mux.HandleFunc("GET /Users", list)
	mux.HandleFunc("GET /Groups", list)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return func(_ *testing.T, profile string) script.Client {
		require.Equal(t, "default", profile)
		return script.Client{Base: s.URL, Token: "secret"}
	}
}

func TestRun(t *testing.T) {
	files := fstest.MapFS{
		"clients/session.http": {Data: []byte("=== Create\n> POST /Users\n{\"userName\": \"a\"}\n< 201\n{\"id\": \"<string -> id>\"}\n" +
			"--- Clean up\n> DELETE /Users/{{id}}\n< 204\n")},
		"patch.txt":   {Data: []byte("=== P01 User: title\n> {\"op\": \"add\", \"path\": \"title\", \"value\": \"Guide\"}\n< 200\n{\"title\": \"Guide\"}\n")},
		"queries.txt": {Data: []byte("User alice\n{}\n\n=== Q01 all\n> GET /Users\n< 200 alice\n")},
	}
	server := store(t)
	scimtest.RunScripts(t, files, "clients/*.http", server)
	scimtest.RunPatchTable(t, files, "patch.txt", "default", server)
	scimtest.RunQueryTable(t, files, "queries.txt", "default", server)
}
