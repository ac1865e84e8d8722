package app

import (
	"context"
	"log/slog"
	"strings"

	"roster/auth/httpauth"
	"roster/auth/limit"
)

// bound sets how much clients may ask.
func (a *App) bound(c *httpauth.Config) {
	if a.config.Unlimited {
		a.limiter = limit.Unlimited()
		return
	}
	rate := a.config.AddressRate
	a.limiter = limit.New(limit.Config{
		Anonymous: limit.Rate{PerSecond: rate, Burst: 10 * rate},
		Failed:    limit.Rate{PerSecond: max(rate/5, 1), Burst: 2 * rate},
		Places:    a.config.Concurrency,
	})
	c.Limiter, c.Allowance = a.limiter, a.allowance
}

// allowance looks up how much an account and its tokens may ask.
func (a *App) allowance(ctx context.Context, id string) (limit.Account, error) {
	account, err := a.callers(ctx, id)
	t := account.Traffic
	return limit.Account{
		Token:  limit.Rate{PerSecond: t.TokenRate, Burst: t.TokenBurst},
		All:    limit.Rate{PerSecond: t.Rate, Burst: t.Burst},
		Places: t.Concurrency,
	}, err
}

// complaints logs what net/http says of connections that come to no request, such as
// those without a handshake: no more of them than of requests from nobody, which are
// as cheap to send.
type complaints struct {
	limiter *limit.Limiter
	logger  *slog.Logger
}

// Write implements io.Writer for a log.Logger: each call is a line.
func (c complaints) Write(line []byte) (int, error) {
	if unlogged, ok := c.limiter.Log(false); ok {
		c.logger.Warn(strings.TrimSpace(string(line)), "unlogged", unlogged)
	}
	return len(line), nil
}
