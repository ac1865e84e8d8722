package api

import (
	"roster/auth"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/rest"
)

func (a *API) accessRoutes() []route {
	return []route{
		{"GET", user + "/groups", auth.UserRead, 200, 0, "list groups of user", "Groups of a user, also those that it is in through others", rest.Handle(a.groups), nil},
		{"GET", user + "/admin-entitlements", auth.UserRead, 200, 0, "list admin entitlements", "Administrative entitlements of a user, also those that come through groups",
			entitlements(a.Grants.AdminEntitlements), nil},
		{"GET", user + "/service-entitlements", auth.UserRead, 200, 0, "list service entitlements", "Entitlements of a user to services, also those that come through groups",
			entitlements(a.Grants.ServiceEntitlements), nil},
		{"GET", user + "/memberships", auth.UserMembership, 200, 0, "list memberships", "Where a user has which roles", rest.Handle(a.memberships), nil},
		{"GET", user + "/org-units", auth.UserRead, 200, rest.Tagged, "list org units", "Organisational units that a user has access to", rest.Handle(a.orgUnits), nil},
		{"PUT", user + "/org-units", auth.UserWrite, 200, rest.Tagged, "replace org units", "Replace the organisational units of a user",
			rest.Handle(a.replaceOrgUnits), []rest.Code{"unknown_org_unit", "inactive_org_unit", "unknown_role"}},
		{"POST", user + "/org-units", auth.UserWrite, 200, rest.Tagged, "add org units", "Give a user more organisational units, or other roles in those that it has",
			rest.Handle(a.addOrgUnits), []rest.Code{"unknown_org_unit", "inactive_org_unit", "unknown_role"}},
		{"GET", user + "/idp-links", auth.UserRead, 200, rest.Tagged, "list idp links", "Identities of a user at identity providers", rest.Handle(a.idpLinks), nil},
		{"DELETE", user + "/idp-links/{idpId}/{externalUserId}", auth.UserCredential, 204, rest.Tagged, "remove idp link", "Unlink an identity",
			rest.Handle(a.removeIdPLink), []rest.Code{"only_way_in"}},
	}
}

func (a *API) passwordRoutes() []route {
	return []route{
		{"PUT", user + "/password", auth.UserCredential, 204, rest.Tagged, "set password", "Set the password of a user",
			rest.Handle(a.setPassword), []rest.Code{"password_policy", "not_initialised", "sso_only", "wrong_type"}},
		{"POST", user + "/password/initialize", auth.UserCredential, 200, rest.Tagged, "initialise password", "Set up an invited user with a password",
			rest.Handle(a.initialisePassword), []rest.Code{"password_policy", "already_initialised", "wrong_type"}},
		{"POST", user + "/password/reset", auth.UserCredential, 202, 0, "reset password", "Send a user a link to choose another password",
			rest.Handle(a.resetPassword), []rest.Code{"not_initialised", "not_active", "sso_only", "wrong_type", "no_channel"}},
		{"PUT", user + "/mfa-skip", auth.UserCredential, 200, rest.Tagged, "skip second factor", "Ask for no second factor for a time", rest.Handle(a.skipFactors), []rest.Code{"wrong_type"}},
		{"DELETE", user + "/mfa-skip", auth.UserCredential, 204, rest.Tagged, "ask second factor", "Ask for the second factor again", silent(a.Credentials.AskFactors), []rest.Code{"wrong_type"}},
	}
}

func (a *API) factorRoutes() []route {
	const factor, key, pass = user + "/auth-factors", user + "/auth-factors/u2f/registrations", user + "/passkeys"
	finishing := []rest.Code{"expired", "invalid_credential", "wrong_type"}
	return []route{
		{"GET", factor, auth.UserRead, 200, 0, "list auth factors", "Second factors of a user", factors(a.Credentials.Factors), []rest.Code{"wrong_type"}},
		{"DELETE", factor + "/{factorId}", auth.UserCredential, 204, rest.Tagged, "remove security key", "Remove a security key", rest.Handle(a.removeFactor), []rest.Code{"wrong_type"}},
		{"DELETE", factor + "/otp", auth.UserCredential, 204, rest.Tagged, "remove totp", "Remove the authenticator app", a.removeOnly(credentials.TOTP), []rest.Code{"wrong_type"}},
		{"DELETE", factor + "/otp-sms", auth.UserCredential, 204, rest.Tagged, "remove sms factor", "Send no more codes to the phone", a.removeOnly(credentials.SMS), []rest.Code{"wrong_type"}},
		{"DELETE", factor + "/otp-email", auth.UserCredential, 204, rest.Tagged, "remove email factor", "Send no more codes by mail", a.removeOnly(credentials.Mail), []rest.Code{"wrong_type"}},
		{"DELETE", factor + "/recovery-codes", auth.UserCredential, 204, rest.Tagged, "remove recovery codes", "Remove the recovery codes", a.removeOnly(credentials.Recovery), []rest.Code{"wrong_type"}},
		{"POST", factor + "/otp", auth.UserCredential, 201, 0, "begin totp", "Begin to enrol an authenticator app", rest.Handle(a.beginTOTP), []rest.Code{"already_enrolled", "wrong_type"}},
		{"POST", factor + "/otp/confirm", auth.UserCredential, 200, rest.Tagged, "confirm totp", "Enrol it, by a code that it shows", rest.Handle(a.confirmTOTP), []rest.Code{"invalid_code", "wrong_type"}},
		{"POST", factor + "/otp-sms", auth.UserCredential, 201, rest.Tagged, "add sms factor", "Let codes be sent to the phone", a.addChannel(credentials.SMS), []rest.Code{"already_enrolled", "not_verified", "wrong_type"}},
		{"POST", factor + "/otp-email", auth.UserCredential, 201, rest.Tagged, "add email factor", "Let codes be sent by mail", a.addChannel(credentials.Mail), []rest.Code{"already_enrolled", "not_verified", "wrong_type"}},
		{"POST", factor + "/recovery-codes", auth.UserCredential, 201, 0, "make recovery codes", "Make ten recovery codes; older ones end", rest.Handle(a.recoveryCodes), []rest.Code{"wrong_type"}},
		{"POST", key, auth.UserCredential, 201, 0, "begin u2f registration", "Begin to enrol a security key", a.beginRegistration(credentials.U2F), []rest.Code{"wrong_type"}},
		{"POST", key + "/{registrationId}", auth.UserCredential, 201, rest.Tagged, "finish u2f registration", "Enrol a security key", a.finishRegistration(credentials.U2F), finishing},
		{"GET", pass, auth.UserRead, 200, 0, "list passkeys", "Passkeys of a user", factors(a.Credentials.Passkeys), []rest.Code{"wrong_type"}},
		{"POST", pass + "/registrations", auth.UserCredential, 201, 0, "begin passkey registration", "Begin to register a passkey", a.beginRegistration(credentials.Passkey), []rest.Code{"wrong_type"}},
		{"POST", pass + "/registrations/{registrationId}", auth.UserCredential, 201, rest.Tagged, "finish passkey registration", "Register a passkey", a.finishRegistration(credentials.Passkey), finishing},
		{"POST", pass + "/registration-links", auth.UserCredential, 201, 0, "make registration link", "A link by which the user registers an authenticator, once",
			rest.Handle(a.registrationLink), []rest.Code{"no_channel", "wrong_type"}},
		{"DELETE", pass + "/{passkeyId}", auth.UserCredential, 204, rest.Tagged, "remove passkey", "Remove a passkey", rest.Handle(a.removePasskey), []rest.Code{"wrong_type"}},
	}
}

func (a *API) machineRoutes() []route {
	onlyMachines := []rest.Code{"wrong_type"}
	return []route{
		{"PUT", user + "/secret", auth.UserCredential, 200, rest.Tagged, "make secret", "Make the client secret of a machine user; the old one ends", rest.Handle(a.newSecret), []rest.Code{"already_enrolled", "wrong_type"}},
		{"DELETE", user + "/secret", auth.UserCredential, 204, rest.Tagged, "remove secret", "End the client secret", silent(a.Credentials.RemoveSecret), onlyMachines},
		{"GET", user + "/keys", auth.UserRead, 200, 0, "list keys", "Keys of a machine user, in order of creation", rest.Handle(a.keys), onlyMachines},
		{"POST", user + "/keys", auth.UserCredential, 201, rest.Tagged, "make key", "Make a key, or take a public one", rest.Handle(a.newKey), []rest.Code{"already_enrolled", "invalid_key", "wrong_type"}},
		{"GET", user + "/keys/{keyId}", auth.UserRead, 200, 0, "get key", "A key", rest.Handle(a.key), onlyMachines},
		{"DELETE", user + "/keys/{keyId}", auth.UserCredential, 204, rest.Tagged, "remove key", "End a key", rest.Handle(a.removeKey), onlyMachines},
		{"GET", user + "/tokens", auth.UserRead, 200, 0, "list tokens", "Personal access tokens of a machine user, in order of creation", rest.Handle(a.tokens), onlyMachines},
		{"POST", user + "/tokens", auth.UserCredential, 201, rest.Tagged, "make token", "Make a personal access token", rest.Handle(a.newToken), []rest.Code{"already_enrolled", "wrong_type"}},
		{"GET", user + "/tokens/{tokenId}", auth.UserRead, 200, 0, "get token", "A personal access token", rest.Handle(a.token), onlyMachines},
		{"DELETE", user + "/tokens/{tokenId}", auth.UserCredential, 204, rest.Tagged, "remove token", "End a personal access token", rest.Handle(a.removeToken), onlyMachines},
	}
}

func (a *API) redemptionRoutes() []route {
	return []route{
		{"POST", "/invitation/invite", auth.UserWrite, 201, 0, "invite user", "Make a user, and mail an invitation", rest.Handle(a.invite), []rest.Code{"mail_domain", "unknown_role", "uniqueness", "no_seat"}},
		{"POST", "/invitation/resend", auth.UserWrite, 201, 0, "resend invitation", "Mail a new invitation; the old one ends",
			rest.Handle(a.resendInvitation), []rest.Code{"already_initialised", "not_active", "mail_domain", "uniqueness"}},
		{"POST", "/invitation/revoke", auth.UserWrite, 200, 0, "revoke invitation", "End an invitation", rest.Handle(a.revokeInvitation), []rest.Code{"already_initialised"}},
		{"POST", "/invitation/accept", auth.Open, 200, 0, "accept invitation", "Set up an invited user", rest.Handle(a.acceptInvitation), []rest.Code{"invalid_token", "password_policy", "already_initialised", "expired"}},
		{"POST", "/verification/complete", auth.Open, 200, 0, "complete verification", "Prove that an e-mail address or phone number is the user's",
			rest.Handle(a.completeVerification), []rest.Code{"invalid_token", "invalid_code", "expired"}},
		{"POST", "/password-reset/complete", auth.Open, 200, 0, "complete password reset", "Choose another password", rest.Handle(a.completeReset), []rest.Code{"invalid_token", "password_policy", "expired"}},
		{"POST", "/passkey-registration/begin", auth.Open, 200, 0, "begin linked registration", "Begin to register what the link is for; may be done again",
			rest.Handle(a.beginLinked), []rest.Code{"invalid_token", "expired"}},
		{"POST", "/passkey-registration/finish", auth.Open, 201, 0, "finish linked registration", "Register it; the link ends",
			rest.Handle(a.finishLinked), []rest.Code{"invalid_token", "invalid_credential", "expired"}},
	}
}

func (a *API) authenticationRoutes() []route {
	return []route{
		{"POST", "/authenticate", auth.UserAuthenticate, 200, 0, "authenticate", "Check a login name and a password", rest.Handle(a.authenticate), []rest.Code{"authentication_failed"}},
		{"POST", "/authenticate/challenge", auth.UserAuthenticate, 200, 0, "challenge factor", "Send a code, or get options for a security key", rest.Handle(a.challenge), []rest.Code{"expired", "too_many_requests"}},
		{"POST", "/authenticate/factor", auth.UserAuthenticate, 200, 0, "answer factor", "Check a second factor, or a passkey", rest.Handle(a.answerFactor), []rest.Code{"authentication_failed", "expired"}},
		{"POST", "/authenticate/passkey", auth.UserAuthenticate, 200, 0, "begin passkey login", "Get options for a login by passkey; the same for unknown users", rest.Handle(a.beginPasskey), nil},
	}
}
