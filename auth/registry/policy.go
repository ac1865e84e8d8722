package registry

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Policy bounds what users of an account and their credentials may do. A zero
// member has its default.
type Policy struct {
	// InvitationLifetime is how long an invitation can be accepted: 1m to 365d,
	// default 7d.
	InvitationLifetime Duration `json:"invitationLifetime,omitzero"`
	// VerificationLifetime is how long a mail address or phone number can be
	// verified with what was sent to it: 1m to 30d, default 1d.
	VerificationLifetime Duration `json:"verificationLifetime,omitzero"`
	// ResetLifetime is how long a forgotten password can be set anew with what was
	// sent: 1m to 7d, default 1h.
	ResetLifetime Duration `json:"resetLifetime,omitzero"`
	// PasswordMin is the least length of a password in characters: 8 to 64, default
	// 8. NIST SP 800-63B section 5.1.1.2 asks for 8 at least, and for 64 to be
	// allowed. That a password has at most 72 bytes is not for an account to set.
	PasswordMin int `json:"passwordMin,omitzero"`
	// MaxFailedLogins is how many failed logins in a row lock a user: 1 to 100,
	// default 10. NIST SP 800-63B section 5.2.2 allows no more than 100.
	MaxFailedLogins int `json:"maxFailedLogins,omitzero"`
	// RetainRemoved is how long a removed user can be restored before what is left
	// of them is purged: 1m to 3650d, default 30d.
	RetainRemoved Duration `json:"retainRemoved,omitzero"`
	// RetainAudit is how long it is kept who did what: 1d to 3650d, default 730d.
	RetainAudit Duration `json:"retainAudit,omitzero"`
}

// bounded is a member of a setting with its default, least and most.
type bounded[T cmp.Ordered] struct {
	name                   string
	at                     *T
	otherwise, least, most T
}

func (p *Policy) times() []bounded[Duration] {
	const minute, hour = Duration(time.Minute), Duration(time.Hour)
	return []bounded[Duration]{
		{"invitationLifetime", &p.InvitationLifetime, 7 * day, minute, 365 * day},
		{"verificationLifetime", &p.VerificationLifetime, day, minute, 30 * day},
		{"resetLifetime", &p.ResetLifetime, hour, minute, 7 * day},
		{"retainRemoved", &p.RetainRemoved, 30 * day, minute, 3650 * day},
		{"retainAudit", &p.RetainAudit, 730 * day, day, 3650 * day},
	}
}

func (p *Policy) numbers() []bounded[int] {
	return []bounded[int]{
		{"passwordMin", &p.PasswordMin, 8, 8, 64},
		{"maxFailedLogins", &p.MaxFailedLogins, 10, 1, 100},
	}
}

// resolve returns the policy with the defaults for what is not set.
func (p Policy) resolve() Policy {
	for _, b := range p.times() {
		b.fill()
	}
	for _, b := range p.numbers() {
		b.fill()
	}
	return p
}

func (p Policy) check() error {
	return errors.Join(checkBounds("policy", p.times()), checkBounds("policy", p.numbers()))
}

func (b bounded[T]) fill() { *b.at = cmp.Or(*b.at, b.otherwise) }

// checkBounds tells every member that is out of its bounds.
func checkBounds[T cmp.Ordered](of string, members []bounded[T]) error {
	var problems []error
	for _, b := range members {
		var unset T
		if *b.at == unset || *b.at >= b.least && *b.at <= b.most {
			continue
		}
		problems = append(problems, invalid(of+" "+b.name, fmt.Sprint(*b.at),
			fmt.Sprintf("%v to %v, or 0 for the default of %v", b.least, b.most, b.otherwise)))
	}
	return errors.Join(problems...)
}
