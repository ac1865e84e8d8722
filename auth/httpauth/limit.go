package httpauth

import (
	"context"
	"errors"
	"fmt"
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
		var err error
		if may, err = m.allowance(r, account); err != nil {
			return nil, m.judge(r.Context(), "credential", fmt.Errorf("the limits of the account cannot be read: %w", err))
		}
		q := m.config.Limiter.Request(p.Subject, account, may)
		tell(x.Header(), q)
		if over := tooMany(q, "too_many_requests", "too many requests come from this token or its account"); over != nil {
			return nil, over
		}
	}
	if refused != nil {
		return nil, refused
	}
	leave, err := m.config.Limiter.Enter(r.Context(), account, may, r.ContentLength)
	return leave, crowded(err)
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

func (m *Mux) allowance(r *http.Request, account string) (limit.Account, error) {
	if m.config.Allowance == nil {
		return limit.Account{}, nil
	}
	return m.config.Allowance(r.Context(), account)
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

func crowded(err error) *refusal {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, limit.ErrAccountBusy):
		return &refusal{status: http.StatusTooManyRequests, reason: "too_many_at_once", retry: time.Second, detail: "the account has too many requests in work at once; send fewer at a time"}
	}
	return &refusal{status: http.StatusServiceUnavailable, reason: "too_many_at_once", retry: time.Second, detail: "the server has too many requests in work at once; try again later"}
}

// seconds is a time as Retry-After has it (RFC 9110 section 10.2.3), rounded up.
func seconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}
