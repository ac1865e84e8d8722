package registry

// Traffic bounds how much the clients of an account may ask. A zero member has its
// default, which is more than any provisioning service is known to send.
type Traffic struct {
	// TokenRate is how many requests a second one token may send in the long run: 1
	// to 10000, default 100.
	TokenRate int `json:"tokenRate,omitzero"`
	// TokenBurst is how many requests of a token that was quiet are let through
	// before TokenRate holds: 1 to 100000, default 5000, which is room for a public
	// conformance suite.
	TokenBurst int `json:"tokenBurst,omitzero"`
	// Rate and Burst are the same for all tokens of the account together: 1 to
	// 40000, default 400; and 1 to 400000, default 10000.
	Rate  int `json:"rate,omitzero"`
	Burst int `json:"burst,omitzero"`
	// Concurrency is how many requests of the account are in work at once, where
	// each 16 KiB of a body count as one more: 1 to 25600, default 256. No account
	// gets more than the server has.
	Concurrency int `json:"concurrency,omitzero"`
}

func (t *Traffic) numbers() []bounded[int] {
	return []bounded[int]{
		{"tokenRate", &t.TokenRate, 100, 1, 10_000},
		{"tokenBurst", &t.TokenBurst, 5000, 1, 100_000},
		{"rate", &t.Rate, 400, 1, 40_000},
		{"burst", &t.Burst, 10_000, 1, 400_000},
		{"concurrency", &t.Concurrency, 256, 1, 25_600},
	}
}

// resolve returns the bounds with the defaults for what is not set.
func (t Traffic) resolve() Traffic {
	for _, b := range t.numbers() {
		b.fill()
	}
	return t
}

func (t Traffic) check() error { return checkBounds("traffic", t.numbers()) }
