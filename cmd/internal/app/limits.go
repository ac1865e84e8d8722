package app

import (
	"context"

	"roster/auth/httpauth"
	"roster/auth/limit"
)

// bound sets how much clients may ask.
func (a *App) bound(c *httpauth.Config) {
	if a.config.Unlimited {
		return
	}
	rate := a.config.AddressRate
	c.Limiter = limit.New(limit.Config{
		Anonymous: limit.Rate{PerSecond: rate, Burst: 10 * rate},
		Failed:    limit.Rate{PerSecond: max(rate/5, 1), Burst: 2 * rate},
		Places:    a.config.Concurrency,
	})
	c.Allowance = a.allowance
}

// allowance looks up how much an account and its tokens may ask.
func (a *App) allowance(ctx context.Context, id string) (limit.Account, error) {
	account, err := a.account(ctx, id)
	t := account.Traffic
	return limit.Account{
		Token:  limit.Rate{PerSecond: t.TokenRate, Burst: t.TokenBurst},
		All:    limit.Rate{PerSecond: t.Rate, Burst: t.Burst},
		Places: t.Concurrency,
	}, err
}
