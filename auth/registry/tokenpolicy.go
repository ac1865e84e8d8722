package registry

import "time"

// TokenPolicy bounds the credentials of an account. A zero member has its default.
type TokenPolicy struct {
	// MaxLifetime is how long a new credential may be valid: 1h to 730d, default
	// 730d.
	MaxLifetime Duration `json:"maxLifetime,omitzero"`
	// MaxOverlap is how long a credential may outlive its rotation: 1m to 30d,
	// default 30d.
	MaxOverlap Duration `json:"maxOverlap,omitzero"`
	// AccessTokenLifetime is how long what the token endpoint gives out is valid: 5m
	// to 6h, default 1h.
	AccessTokenLifetime Duration `json:"accessTokenLifetime,omitzero"`
}

func (p *TokenPolicy) times() []bounded[Duration] {
	const minute, hour = Duration(time.Minute), Duration(time.Hour)
	return []bounded[Duration]{
		{"maxLifetime", &p.MaxLifetime, Duration(MaxLifetime), hour, Duration(MaxLifetime)},
		{"maxOverlap", &p.MaxOverlap, Duration(MaxOverlap), minute, Duration(MaxOverlap)},
		{"accessTokenLifetime", &p.AccessTokenLifetime, hour, 5 * minute, 6 * hour},
	}
}

// resolve returns the policy with the defaults for what is not set.
func (p TokenPolicy) resolve() TokenPolicy {
	for _, b := range p.times() {
		b.fill()
	}
	return p
}

func (p TokenPolicy) check() error { return checkBounds("tokens", p.times()) }
