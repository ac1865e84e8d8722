package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"roster/scim"
)

// event is what the log says of one request. It holds no path, no parameter and
// no body, because these carry personal values.
type event struct {
	operation          string
	account, principal string
	results, checked   int
	err                error
}

type eventKey struct{}

func eventFrom(ctx context.Context) *event {
	if e, ok := ctx.Value(eventKey{}).(*event); ok {
		return e
	}
	return &event{}
}

// observe writes one event for each request, and turns a panic into a 500.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &event{operation: "none"}
		sw := &response{ResponseWriter: w}
		start := time.Now()
		defer func() {
			if fault := recover(); fault != nil {
				if fault == http.ErrAbortHandler {
					panic(fault)
				}
				e.err = fmt.Errorf("panic: %v\n%s", fault, debug.Stack())
				if sw.status == 0 {
					writeError(sw, scim.Errorf(http.StatusInternalServerError, "", "the server failed; its log says why"))
				}
			}
			s.log(r, e, sw, time.Since(start))
		}()
		if !sw.negotiate(r) {
			writeError(sw, scim.Errorf(http.StatusNotAcceptable, "", "the server answers in %s or application/json, which Accept excludes", scim.MediaType))
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
		defer cancel()
		next.ServeHTTP(sw, r.WithContext(context.WithValue(ctx, eventKey{}, e)))
	})
}

func (s *Server) log(r *http.Request, e *event, w *response, took time.Duration) {
	level := slog.LevelInfo
	attributes := []slog.Attr{
		slog.String("operation", e.operation),
		slog.Int("status", w.status),
		slog.Float64("milliseconds", float64(took.Microseconds())/1000),
		slog.Int("bytes", w.bytes),
	}
	if e.account != "" {
		attributes = append(attributes, slog.String("account", e.account), slog.String("principal", e.principal))
	}
	if e.results > 0 || e.checked > 0 {
		attributes = append(attributes, slog.Int("results", e.results), slog.Int("checked", e.checked))
	}
	if e.err != nil {
		level = slog.LevelError
		attributes = append(attributes, slog.String("error", e.err.Error()))
	}
	s.Logger.LogAttrs(r.Context(), level, "request", attributes...)
}
