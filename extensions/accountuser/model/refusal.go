package model

import (
	"errors"
	"fmt"
	"net/http"

	"roster/scim"
)

// Refusal is an error of the model that a client is told: a SCIM error with a
// code that is stable, for programs.
type Refusal struct {
	Code string // such as "already_locked"
	SCIM scim.Error
}

// Refuse makes a Refusal. The detail says what to do.
func Refuse(status int, code string, detail string, args ...any) *Refusal {
	r := &Refusal{Code: code, SCIM: scim.Error{Status: status, Detail: fmt.Sprintf(detail, args...)}}
	switch status {
	case http.StatusBadRequest:
		r.SCIM.Type = scim.InvalidValue
	case http.StatusConflict:
		if code == Uniqueness {
			r.SCIM.Type = scim.Uniqueness
		}
	}
	return r
}

// Unwrap returns the SCIM error.
func (r *Refusal) Unwrap() error { return &r.SCIM }

func (r *Refusal) Error() string { return r.Code + ": " + r.SCIM.Error() }

// CodeOf returns the code of a Refusal, "" for other errors.
func CodeOf(err error) string {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

// Codes of refusals.
const (
	AlreadyInactive      = "already_inactive"
	NotInactive          = "not_inactive"
	AlreadyLocked        = "already_locked"
	NotLocked            = "not_locked"
	NotActive            = "not_active"
	NotRemoved           = "not_removed"
	AlreadyInitialised   = "already_initialised"
	NotInitialised       = "not_initialised"
	AlreadyVerified      = "already_verified"
	NotVerified          = "not_verified"
	AlreadyEnrolled      = "already_enrolled"
	WrongType            = "wrong_type"
	MailDomain           = "mail_domain"
	Uniqueness           = "uniqueness"
	LastAdministrator    = "last_administrator"
	SelfLockout          = "self_lockout"
	NoSeat               = "no_seat"
	UnknownRole          = "unknown_role"
	UnknownEntitlement   = "unknown_entitlement"
	UnknownOrgUnit       = "unknown_org_unit"
	InactiveOrgUnit      = "inactive_org_unit"
	InUse                = "in_use"
	Cycle                = "cycle"
	Expired              = "expired"
	InvalidToken         = "invalid_token"
	InvalidCode          = "invalid_code"
	InvalidCredential    = "invalid_credential"
	InvalidKey           = "invalid_key"
	PasswordPolicy       = "password_policy"
	PasswordHash         = "password_hash"
	SSOOnly              = "sso_only"
	NoChannel            = "no_channel"
	OnlyWayIn            = "only_way_in"
	Ambiguous            = "ambiguous"
	NotFound             = "not_found"
	InsufficientScope    = "insufficient_scope"
	TooManyRequests      = "too_many_requests"
	AuthenticationFailed = "authentication_failed"
)
