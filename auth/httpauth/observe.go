package httpauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"roster/auth"
)

// CorrelationHeader is where a client may send the correlation id of a request
// (see [auth.Correlation]), and where it finds it in the answer.
const CorrelationHeader = "X-Correlation-Id"

// Event is what the log says of one request, beside its correlation id and what
// can be seen of the answer. It holds no path, no parameter and no body, because
// these carry personal values. The handler may fill it until it returns.
type Event struct {
	Operation          string     // the route's name, "none" if there was no route
	Account, Principal string     // "" if nobody was authenticated
	Scope              auth.Scope // that the principal lacks, if it is refused for that
	Reason             string     // why it is refused, see [Refusal]
	Refused            bool       // the operation refuses somebody, whatever the status says
	Results            int        // resources in the answer, or operations of a bulk
	Checked            int        // documents that were read to find them
	Err                error      // the server's own fault
}

type exchangeKey struct{}

// EventFrom returns the event of the request that the context belongs to, and one
// that is not logged if it belongs to none.
func EventFrom(ctx context.Context) *Event {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return &x.event
	}
	return &Event{}
}

// exchange is one request and its answer. It writes the answer, and remembers
// what it was.
type exchange struct {
	http.ResponseWriter
	mux *Mux
	place
	event         Event
	principal     *auth.Principal
	status, bytes int
	limited       bool // it was refused for being too much

	leave func() // gives up the places that it has
	body  int64  // length, by which it has places
}

// begin says in the answer what every answer says, and gives the request its
// context, with the exchange, the correlation id and the origin.
func (x *exchange) begin(ctx context.Context, r *http.Request) *http.Request {
	var sent string
	if values := r.Header.Values(CorrelationHeader); len(values) == 1 {
		sent = values[0]
	}
	id := auth.Correlation(sent)
	x.Header().Set(CorrelationHeader, id)
	origin := x.mux.proxies.origin(r)
	origin.Account = x.account
	protect(x.Header(), origin.Scheme)
	x.mux.share(x.Header(), r)
	ctx = auth.WithOrigin(auth.WithCorrelation(ctx, id), origin)
	return r.WithContext(context.WithValue(ctx, exchangeKey{}, x))
}

// identify says who sends the request: in the event, and to who is told of refusals.
func (x *exchange) identify(p *auth.Principal) {
	x.principal, x.event.Account, x.event.Principal = p, p.Account, p.Subject
}

func (x *exchange) WriteHeader(status int) {
	if x.status < http.StatusOK { // those below are not the answer yet
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

func (x *exchange) Write(b []byte) (int, error) {
	if x.status < http.StatusOK {
		x.status = http.StatusOK
	}
	n, err := x.ResponseWriter.Write(b)
	x.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// Fault answers a request whose handler met an error that is not meant for the
// client: with 429 if it is that of an [Attempt] too many, with 401 if it is
// [auth.ErrUnauthenticated], because what let the sender in does so no more, with
// 503 if its time was over, else with a 500 that says nothing and an entry in the log
// that says all. Handlers of a Mux call it with what they were called with. If the
// answer has begun, it is broken off, and Fault panics with http.ErrAbortHandler.
func Fault(w http.ResponseWriter, r *http.Request, err error) {
	status, detail := http.StatusInternalServerError, "the server failed; its log says why"
	x := r.Context().Value(exchangeKey{}).(*exchange)
	var refused *refusal
	if errors.Is(err, auth.ErrUnauthenticated) {
		refused = invalid("credential")
	}
	if (refused != nil || errors.As(err, &refused)) && x.status < http.StatusOK {
		x.refuse(r, refused)
		return
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		status, detail = http.StatusServiceUnavailable, "the request took too long; try again"
		w.Header().Set("Retry-After", "1")
	} else {
		x.event.Err = err
	}
	if x.status >= http.StatusOK {
		panic(http.ErrAbortHandler)
	}
	x.surface.Fail(w, r, status, detail)
}

// rescue turns a panic into a fault. It is deferred.
func (x *exchange) rescue(r *http.Request) {
	switch fault := recover(); fault {
	case nil:
	case http.ErrAbortHandler:
		panic(fault)
	default:
		Fault(x, r, fmt.Errorf("panic: %v\n%s", fault, debug.Stack()))
	}
}

// end reports what became of a request.
func (x *exchange) end(r *http.Request, start time.Time) {
	x.report(r.Context())
	x.log(r, start)
}

// log writes the event of a request, or of some of those that come from nobody or
// too often, with how many are left out.
func (x *exchange) log(r *http.Request, start time.Time) {
	e := &x.event
	var unlogged int64
	if e.Principal == "" || x.limited {
		var ok bool
		if unlogged, ok = x.mux.config.Limiter.Log(e.Err != nil); !ok {
			return
		}
	}
	level := slog.LevelInfo
	attributes := []slog.Attr{
		slog.String("operation", e.Operation),
		slog.Int("status", x.status),
		slog.Float64("milliseconds", float64(time.Since(start).Microseconds())/1000),
		slog.Int("bytes", x.bytes),
		slog.String("correlation", auth.CorrelationFrom(r.Context())),
	}
	if e.Account != "" {
		attributes = append(attributes, slog.String("account", e.Account), slog.String("principal", e.Principal))
	}
	if e.Reason != "" {
		attributes = append(attributes, slog.String("reason", e.Reason))
	}
	if e.Results > 0 || e.Checked > 0 {
		attributes = append(attributes, slog.Int("results", e.Results), slog.Int("checked", e.Checked))
	}
	if unlogged > 0 {
		attributes = append(attributes, slog.Int64("unlogged", unlogged))
	}
	if e.Err != nil {
		level = slog.LevelError
		attributes = append(attributes, slog.String("error", e.Err.Error()))
	}
	x.mux.config.Logger.LogAttrs(r.Context(), level, "request", attributes...)
}
