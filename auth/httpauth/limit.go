package httpauth

import (
	"context"
	"errors"
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
// found, and for the account, as the Mux does elsewhere, and says who it is in the
// [Event] and to Config.Refused. If that is too much, the error is one that [Fault]
// answers with 429. The context is that of the request.
func Count(ctx context.Context, p *auth.Principal) error {
	x := ctx.Value(exchangeKey{}).(*exchange)
	x.identify(p)
	if _, refused := x.count(ctx, p); refused != nil {
		return refused
	}
	return nil
}

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
