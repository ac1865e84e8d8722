package httpauth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/httpauth"
)

// eventMux serves handlers by the name of their path, and logs JSON.
func eventMux(logs io.Writer, handlers map[string]http.HandlerFunc) *httpauth.Mux {
	s := httpauth.Surface{Root: "", Fail: plainly("failed"), NotFound: "nothing"}
	for name, h := range handlers {
		s.Routes = append(s.Routes, httpauth.Route{Method: "GET", Pattern: "/" + name, Scope: auth.SCIMRead, Name: "do " + name, Handler: h})
	}
	m, err := httpauth.NewMux(httpauth.Config{
		Authenticator: tokens{reader: {Account: "a", Subject: "r", Scopes: []auth.Scope{auth.SCIMRead}}, "none": {Account: "b", Subject: "n"}},
		Timeout:       time.Second,
		Logger:        slog.New(slog.NewJSONHandler(logs, nil)),
	}, s)
	if err != nil {
		panic(err)
	}
	return m
}

// ask sends a request with a token, and lines of headers.
func ask(h http.Handler, path, token string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// event reads the only line of a log, without what the clock says.
func event(t *testing.T, logs *bytes.Buffer) map[string]any {
	t.Helper()
	require.Equal(t, 1, strings.Count(logs.String(), "\n"), "one event for each request: %s", logs)
	e := map[string]any{}
	require.NoError(t, json.Unmarshal(logs.Bytes(), &e))
	for _, name := range []string{"time", "milliseconds", "msg"} {
		require.Contains(t, e, name)
		delete(e, name)
	}
	return e
}

func TestEvent(t *testing.T) {
	handlers := map[string]http.HandlerFunc{
		"list": func(w http.ResponseWriter, r *http.Request) {
			e := httpauth.EventFrom(r.Context())
			e.Results, e.Checked = 2, 30
			fmt.Fprint(w, "12345")
		},
		"rename": func(w http.ResponseWriter, r *http.Request) {
			httpauth.EventFrom(r.Context()).Operation = "do better"
			w.WriteHeader(http.StatusAccepted)
		},
		"fault": func(w http.ResponseWriter, r *http.Request) { httpauth.Fault(w, r, errors.New("the disk is gone")) },
		"late": func(w http.ResponseWriter, r *http.Request) {
			httpauth.Fault(w, r, fmt.Errorf("read: %w", context.DeadlineExceeded))
		},
		"ended": func(w http.ResponseWriter, r *http.Request) {
			httpauth.Fault(w, r, fmt.Errorf("read account: %w", auth.ErrUnauthenticated))
		},
		"silent": func(http.ResponseWriter, *http.Request) {},
	}
	const level, failing = "INFO", "failed: the server failed; its log says why"
	for _, row := range []struct {
		path, token string
		status      float64
		body        string
		more        map[string]any // in the event
	}{
		{"/list", reader, 200, "12345", map[string]any{"operation": "do list", "account": "a", "principal": "r", "results": 2.0, "checked": 30.0}},
		{"/rename", reader, 202, "", map[string]any{"operation": "do better", "account": "a", "principal": "r"}},
		{"/silent", reader, 200, "", map[string]any{"operation": "do silent", "account": "a", "principal": "r"}},
		{"/fault", reader, 500, failing, map[string]any{"operation": "do fault", "account": "a", "principal": "r", "level": "ERROR", "error": "the disk is gone"}},
		{"/late", reader, 503, "failed: the request took too long; try again", map[string]any{"operation": "do late", "account": "a", "principal": "r"}},
		{"/ended", reader, 401, "failed: the credential is not valid: it is unknown, expired or revoked", map[string]any{"operation": "do ended", "account": "a", "principal": "r", "reason": "invalid_credential"}},
		{"/list", "none", 403, "failed: the token lacks the scope scim:read", map[string]any{"operation": "do list", "account": "b", "principal": "n", "reason": "insufficient_scope"}},
		{"/list", "", 401, "failed: authentication is needed: send a token as 'Authorization: Bearer <token>'", map[string]any{"operation": "do list", "reason": "missing_credential"}},
		{"/list", "broken", 503, "failed: the token cannot be checked at the moment: try again later", map[string]any{"operation": "do list", "level": "ERROR", "reason": "unavailable", "error": "authentication does not work: the disk is gone"}},
		{"/anna", reader, 404, "failed: nothing", map[string]any{"operation": "none"}},
	} {
		t.Run(row.path+row.token, func(t *testing.T) {
			var logs bytes.Buffer
			w := ask(eventMux(&logs, handlers), row.path+"?name=anna", row.token, "X-Correlation-Id: c-1")
			require.Equal(t, row.body, w.Body.String())
			require.Equal(t, row.status == 503, w.Header().Get("Retry-After") != "")
			want := map[string]any{"level": level, "status": row.status, "bytes": float64(len(row.body)), "correlation": "c-1"}
			for name, value := range row.more {
				want[name] = value
			}
			require.Equal(t, want, event(t, &logs))
		})
	}
	require.Equal(t, &httpauth.Event{}, httpauth.EventFrom(t.Context()), "outside of a request")
}

// TestCorrelationIsEchoed: every answer carries the id that the handler and the
// log have, whatever becomes of the request.
func TestCorrelationIsEchoed(t *testing.T) {
	for _, row := range []struct {
		path, token string
		status      int
	}{
		{"/ok", reader, 200}, {"/ok", "", 401}, {"/ok", "none", 403}, {"/ok", "broken", 503}, {"/nothing", "", 404}, {"/panic", reader, 500},
	} {
		for _, sent := range []struct {
			name    string
			headers []string
			taken   bool
		}{
			{"well-formed", []string{"X-Correlation-Id: a.b-1"}, true},
			{"other case", []string{"x-correlation-id: a.b-1"}, true},
			{"none", nil, false},
			{"malformed", []string{"X-Correlation-Id: a b"}, false},
			{"too long", []string{"X-Correlation-Id: " + strings.Repeat("a", 129)}, false},
			{"two", []string{"X-Correlation-Id: a.b-1", "X-Correlation-Id: b"}, false},
		} {
			t.Run(row.path+" "+row.token+" "+sent.name, func(t *testing.T) {
				var logs bytes.Buffer
				seen := ""
				w := ask(eventMux(&logs, map[string]http.HandlerFunc{
					"ok":    func(_ http.ResponseWriter, r *http.Request) { seen = auth.CorrelationFrom(r.Context()) },
					"panic": func(http.ResponseWriter, *http.Request) { panic("!") },
				}), row.path, row.token, sent.headers...)
				require.Equal(t, row.status, w.Code)
				ids := w.Header().Values(httpauth.CorrelationHeader)
				require.Len(t, ids, 1)
				require.Equal(t, ids[0], event(t, &logs)["correlation"])
				require.Equal(t, sent.taken, ids[0] == "a.b-1")
				require.Regexp(t, `^[A-Za-z0-9._:/+=-]{1,128}$`, ids[0])
				if row.path == "/ok" && row.status == 200 {
					require.Equal(t, ids[0], seen)
				}
			})
		}
	}
}

func TestPanic(t *testing.T) {
	var logs bytes.Buffer
	w := ask(eventMux(&logs, map[string]http.HandlerFunc{
		"panic": func(http.ResponseWriter, *http.Request) { panic("secret-anna") },
	}), "/panic", reader)
	require.Equal(t, 500, w.Code)
	require.Equal(t, "failed: the server failed; its log says why", w.Body.String())
	e := event(t, &logs)
	require.Contains(t, e["error"], "panic: secret-anna")
	require.Contains(t, e["error"], "observe_test.go", "the stack says where")
}

// TestBrokenOff: an answer that has begun and cannot be finished is no answer: a
// client that counts bytes or chunks sees that it ends too early.
func TestBrokenOff(t *testing.T) {
	begun := func(then func(http.ResponseWriter, *http.Request)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "half")
			_ = http.NewResponseController(w).Flush()
			then(w, r)
		}
	}
	handlers := map[string]http.HandlerFunc{
		"panic": begun(func(http.ResponseWriter, *http.Request) { panic("oh") }),
		"fault": begun(func(w http.ResponseWriter, r *http.Request) { httpauth.Fault(w, r, errors.New("oh")) }),
		"abort": begun(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
	}
	for name := range handlers {
		t.Run(name, func(t *testing.T) {
			var logs bytes.Buffer
			done := make(chan struct{})
			mux := eventMux(&logs, handlers)
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(done)
				mux.ServeHTTP(w, r)
			}))
			defer s.Close()
			r, err := http.NewRequest("GET", s.URL+"/"+name, nil)
			require.NoError(t, err)
			r.Header.Set("Authorization", "Bearer "+reader)
			response, err := s.Client().Do(r)
			require.NoError(t, err)
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			require.Error(t, err)
			require.Equal(t, "half", string(text))
			<-done
			e := event(t, &logs)
			require.Equal(t, 200.0, e["status"], "which the client has seen")
			require.Equal(t, name != "abort", e["error"] != nil)
		})
	}
}

// TestDeadline: a handler that waits for something learns that its time is over.
func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs bytes.Buffer
		start := time.Now()
		w := ask(eventMux(&logs, map[string]http.HandlerFunc{
			"wait": func(w http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				httpauth.Fault(w, r, r.Context().Err())
			},
		}), "/wait", reader)
		require.Equal(t, 503, w.Code)
		require.Equal(t, time.Second, time.Since(start))
		require.Equal(t, "INFO", event(t, &logs)["level"])
	})
}
