package api

import (
	"roster/extensions/accountuser/model"
	"roster/extensions/rest"
)

// meaning is a row of the table.
type meaning rest.Meaning

// codes are what this API refuses with, beside what every API does, in the order of
// their statuses.
var codes = []meaning{
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

	{"authentication_failed", 403, "The login name, password or factor is not right, or the user may not log in; which of them is not told"},

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
}

// codeOf returns the code of a refusal of the model.
func codeOf(err error) rest.Code { return rest.Code(model.CodeOf(err)) }
