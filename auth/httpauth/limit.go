package httpauth

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	"roster/auth"
	"roster/auth/limit"
)

// anonymous counts a request that shows no valid credential, or goes nowhere.
func (m *Mux) anonymous(ctx context.Context) *refusal {
	return tooMany(m.config.Limiter.Anonymous(auth.OriginFrom(ctx).Address), "too_many_requests", "too many requests without a valid token come from this address")
}

// enter counts the request of a principal, who may be nobody, and waits for its
// place unless it is refused already. Leave is to be called if nothing is refused.
func (m *Mux) enter(x *exchange, r *http.Request, p *auth.Principal, refused *refusal) (leave func(), _ *refusal) {
	var account string
	var may limit.Account
	if p != nil {
		account = p.Account
		var over *refusal
		if may, over = x.count(r.Context(), p); over != nil {
			return nil, over
		}
	}
	if refused != nil {
		return nil, refused
	}
	leave, err := m.config.Limiter.Enter(r.Context(), account, may, r.ContentLength)
	return leave, crowded(account, err)
}

// count counts a request for its principal and the account, and returns what that
// may ask.
func (x *exchange) count(ctx context.Context, p *auth.Principal) (limit.Account, *refusal) {
	may, err := x.mux.allowance(ctx, p.Account)
	if err != nil {
		return may, unknown("the limits of the account cannot be read", err)
	}
	q := x.mux.config.Limiter.Request(p.Subject, p.Account, may)
	tell(x.Header(), q)
	return may, tooMany(q, "too_many_requests", "too many requests come from this token or its account")
}

// Count counts the request of an own route for the principal that its handler has
// found, and for the account, as the Mux does elsewhere, and says in the [Event] who
// it is. If that is too much, the error is one that [Fault] answers with 429. The
// context is that of the request.
func Count(ctx context.Context, p *auth.Principal) error {
	x := ctx.Value(exchangeKey{}).(*exchange)
	x.event.Account, x.event.Principal = p.Account, p.Subject
	if _, refused := x.count(ctx, p); refused != nil {
		return refused
	}
	return nil
}

// hurry bounds how long a body may take to come, because it holds places until then:
// 10 s, and 1 s for each 16 KiB of it, or the whole time if its length is not known.
// Once it is there, the time of the connection is its own again.
func (x *exchange) hurry(r *http.Request) {
	if r.ContentLength == 0 {
		return
	}
	patience := x.mux.config.Timeout
	if pieces := r.ContentLength / (16 << 10); r.ContentLength > 0 && pieces < int64(patience/time.Second) {
		patience = min(patience, 10*time.Second+time.Duration(pieces)*time.Second)
	}
	// What cannot be bounded is no connection.
	_ = http.NewResponseController(x.ResponseWriter).SetReadDeadline(time.Now().Add(patience))
}

// maxNobodys bounds a body that nobody in particular sends, in bytes. An open route
// takes a form or a few texts.
const maxNobodys = 64 << 10

// receive reads the body of a request from nobody before that takes its places. All
// of nobody share these, so a few who send slowly would keep everybody out. Until
// then it costs no more than a header. The handler finds what came, and then why the
// rest did not.
func (x *exchange) receive(r *http.Request) {
	if r.ContentLength == 0 {
		return
	}
	if r.ContentLength < 0 || r.ContentLength > maxNobodys {
		r.ContentLength = maxNobodys
	}
	x.hurry(r)
	came, err := io.ReadAll(http.MaxBytesReader(x, r.Body, maxNobodys))
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(came), broken{cmp.Or(err, io.EOF)}))
	r.ContentLength = int64(len(came))
}

// broken is the end of a body, and why it is.
type broken struct{ error }

func (b broken) Read([]byte) (int, error) { return 0, b.error }

func (m *Mux) allowance(ctx context.Context, account string) (limit.Account, error) {
	if m.config.Allowance == nil {
		return limit.Account{}, nil
	}
	return m.config.Allowance(ctx, account)
}

// tell says what is left, in the headers that Okta's own API has and SailPoint's
// connector reads; the reset is in seconds since 1970.
func tell(h http.Header, q limit.Quota) {
	if q.Limit == 0 {
		return
	}
	h.Set("X-Rate-Limit-Limit", strconv.Itoa(q.Limit))
	h.Set("X-Rate-Limit-Remaining", strconv.Itoa(q.Remaining))
	h.Set("X-Rate-Limit-Reset", strconv.FormatInt(time.Now().Add(q.Reset+time.Second-1).Unix(), 10))
}

// tooMany is nil if the quota lets the request through.
func tooMany(q limit.Quota, reason, detail string) *refusal {
	if q.Retry == 0 {
		return nil
	}
	return &refusal{status: http.StatusTooManyRequests, reason: reason, retry: q.Retry, detail: detail + "; wait as long as Retry-After says"}
}

// crowded tells why there is no place for a request of an account, which is "" for
// those of nobody; nil if there is.
func crowded(account string, err error) *refusal {
	status, detail := http.StatusServiceUnavailable, "the server has too many requests in work at once; try again later"
	switch {
	case err == nil:
		return nil
	case errors.Is(err, limit.ErrAccountBusy) && account == "":
		status, detail = http.StatusTooManyRequests, "too many requests without a valid token are in work at once; try again later"
	case errors.Is(err, limit.ErrAccountBusy):
		status, detail = http.StatusTooManyRequests, "the account has too many requests in work at once; send fewer at a time"
	}
	return &refusal{status: status, reason: "too_many_at_once", retry: time.Second, detail: detail}
}

// seconds is a time as Retry-After has it (RFC 9110 section 10.2.3), rounded up.
func seconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}
