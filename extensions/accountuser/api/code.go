package api

import "net/http"

// Code is a stable word for what is wrong. A new one may come; an old one keeps
// its meaning and its status.
type Code string

// codes are all words, in the order of their statuses. The first of a status is
// the general one.
var codes = []struct {
	code   Code
	status int
	means  string
}{
	{"invalid_request", 400, "The request cannot be understood"},
	{"invalid_syntax", 400, "The body is no JSON object, or has a member that is unknown or there twice"},
	{"invalid_value", 400, "A member is missing or has a value that is not allowed"},
	{"invalid_parameter", 400, "A parameter of the query is unknown, missing or has a value that is not allowed"},
	{"mutability", 400, "What shall be changed is fixed, or the server's to say"},
	{"too_many", 400, "More would have to be read than is allowed; ask for less"},
	{"mail_domain", 400, "The mail domain is none of the account's"},
	{"unknown_role", 400, "There is no such role"},
	{"unknown_entitlement", 400, "There is no such entitlement"},
	{"unknown_org_unit", 400, "There is no such organisational unit"},
	{"inactive_org_unit", 400, "The organisational unit is not active"},
	{"password_policy", 400, "The password is too short, or has more than 72 bytes"},
	{"password_hash", 400, "The password hash is of no form that can be imported"},
	{"invalid_code", 400, "The code is not right, or none is expected"},
	{"invalid_token", 400, "The text is no one-time token for this"},
	{"invalid_credential", 400, "The answer of the authenticator does not fit the registration"},
	{"invalid_key", 400, "The text is no RSA public key of 2048 to 4096 bits"},

	{"unauthenticated", 401, "No token was sent, or it is unknown, expired or revoked"},

	{"insufficient_scope", 403, "The token lacks the scope"},
	{"account_mismatch", 403, "The token is not of the account that x-account-id names"},
	{"authentication_failed", 403, "The login name, password or factor is not right, or the user may not log in; which of them is not told"},

	{"not_found", 404, "There is no such thing in the account"},
	{"method_not_allowed", 405, "The path does not take the method"},
	{"not_acceptable", 406, "No form of the answer is accepted"},

	{"conflict", 409, "The state does not allow this"},
	{"uniqueness", 409, "Another user has the user name or e-mail address"},
	{"wrong_type", 409, "This is only for human users, or only for machine users"},
	{"already_inactive", 409, "The user is inactive already"},
	{"not_inactive", 409, "The user is not inactive"},
	{"already_locked", 409, "The user is locked already"},
	{"not_locked", 409, "The user is not locked"},
	{"not_active", 409, "The user is not active"},
	{"not_removed", 409, "The user was not removed"},
	{"already_initialised", 409, "The user was set up already"},
	{"not_initialised", 409, "The user was not set up yet: it is invited"},
	{"already_verified", 409, "The e-mail address or phone number is verified already"},
	{"not_verified", 409, "The e-mail address or phone number is not verified"},
	{"already_enrolled", 409, "The user has that factor already, or as many as one can have"},
	{"last_administrator", 409, "The account would be left without an administrator"},
	{"self_lockout", 409, "The caller would lock itself out"},
	{"no_seat", 409, "No seat of the licence is left"},
	{"in_use", 409, "Something depends on it"},
	{"cycle", 409, "It would be above itself"},
	{"sso_only", 409, "The user logs in through an identity provider and has no password here"},
	{"no_channel", 409, "The user has no address to send this to"},
	{"only_way_in", 409, "The user could not log in any more"},
	{"ambiguous", 409, "Users of several accounts have that login name"},

	{"expired", 410, "It is used, replaced, revoked or too old; which of them is not told"},
	{"precondition_failed", 412, "The user is at another version than If-Match names"},
	{"too_large", 413, "The request is larger than is allowed"},
	{"unsupported_media_type", 415, "The body is not JSON"},
	{"too_many_requests", 429, "There were too many requests; wait"},
	{"internal", 500, "The server failed"},
	{"unavailable", 503, "The server is busy; try again"},
}

// status returns the status that goes with a code.
func (c Code) status() int {
	for _, row := range codes {
		if row.code == c {
			return row.status
		}
	}
	return http.StatusInternalServerError
}

// general returns the code that says no more than its status.
func general(status int) Code {
	for _, row := range codes {
		if row.status == status {
			return row.code
		}
	}
	if status < http.StatusInternalServerError {
		return "invalid_request"
	}
	return "internal"
}

// Codes lists all codes.
func Codes() []Code {
	list := make([]Code, len(codes))
	for i, row := range codes {
		list[i] = row.code
	}
	return list
}
