package rest

import (
	"cmp"
	"net/http"
	"slices"
)

// Code is a stable word for what is wrong. A new one may come; an old one keeps
// its meaning and its status.
type Code string

// Meaning is what a code stands for, and the status that goes with it.
type Meaning struct {
	Code   Code
	Status int
	Means  string
}

// general are the codes of every API. The first of a status says no more than that.
var general = codes{
	{"invalid_request", 400, "The request cannot be understood"},
	{"invalid_syntax", 400, "The body is no JSON object, or has a member that is unknown or there twice"},
	{"invalid_value", 400, "A member is missing or has a value that is not allowed"},
	{"invalid_parameter", 400, "A parameter of the query is unknown, missing or has a value that is not allowed"},
	{"mutability", 400, "What shall be changed is fixed, or the server's to say"},
	{"too_many", 400, "More would have to be read than is allowed; ask for less"},

	{"unauthenticated", 401, "No token was sent, or it is unknown, expired or revoked"},

	{"forbidden", 403, "The caller may not do this; the detail says why"},
	{"insufficient_scope", 403, "The token lacks the scope that is named"},
	{"account_mismatch", 403, "The token is not of the account that the path or x-account-id names"},
	{"account_disabled", 403, "The account is disabled"},

	{"not_found", 404, "There is no such thing, or none that the caller may see"},
	{"method_not_allowed", 405, "The path does not take the method"},
	{"not_acceptable", 406, "No form of the answer is accepted"},

	{"conflict", 409, "The state does not allow this"},
	{"uniqueness", 409, "Another one has the name, the address or what else only one can have"},

	{"precondition_failed", 412, "It is at another version than If-Match names"},
	{"too_large", 413, "The request is larger than is allowed"},
	{"unsupported_media_type", 415, "The body is not JSON"},
	{"too_many_requests", 429, "There were too many requests; wait"},
	{"internal", 500, "The server failed"},
	{"unavailable", 503, "The server is busy; try again"},
}

// codes are in the order of their statuses.
type codes []Meaning

// codesWith returns the general codes with those of an API.
func codesWith(own []Meaning) codes {
	all := slices.Concat(general, own)
	slices.SortStableFunc(all, func(a, b Meaning) int { return cmp.Compare(a.Status, b.Status) })
	return all
}

// status returns the status that goes with a code.
func (all codes) status(c Code) int {
	for _, row := range all {
		if row.Code == c {
			return row.Status
		}
	}
	return http.StatusInternalServerError
}

// codeOfStatus returns the code that says no more than its status.
func codeOfStatus(status int) Code {
	for _, row := range general {
		if row.Status == status {
			return row.Code
		}
	}
	if status < http.StatusInternalServerError {
		return "invalid_request"
	}
	return "internal"
}

// words lists the codes themselves.
func (all codes) words() []Code {
	list := make([]Code, len(all))
	for i, row := range all {
		list[i] = row.Code
	}
	return list
}
