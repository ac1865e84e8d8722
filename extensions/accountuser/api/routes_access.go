package api

import (
	"roster/auth"
	"roster/extensions/accountuser/credentials"
	"roster/extensions/rest"
)

func (a *API) accessRoutes() []route {
	return []route{
		{get, user + "/groups", auth.UserRead, ok, 0, "list groups of user", "Groups of a user, also those that it is in through others", rest.Handle(a.groups), nil},
		{get, user + "/admin-entitlements", auth.UserRead, ok, 0, "list admin entitlements", "Administrative entitlements of a user, also those that come through groups",
			entitlements(a.Grants.AdminEntitlements), nil},
		{get, user + "/service-entitlements", auth.UserRead, ok, 0, "list service entitlements", "Entitlements of a user to services, also those that come through groups",
			entitlements(a.Grants.ServiceEntitlements), nil},
		{get, user + "/memberships", auth.UserMembership, ok, 0, "list memberships", "Where a user has which roles", rest.Handle(a.memberships), nil},
		{get, user + "/org-units", auth.UserRead, ok, rest.Tagged, "list org units", "Organisational units that a user has access to", rest.Handle(a.orgUnits), nil},
		{put, user + "/org-units", auth.UserWrite, ok, rest.Tagged, "replace org units", "Replace the organisational units of a user",
			rest.Handle(a.replaceOrgUnits), []rest.Code{"unknown_org_unit", "inactive_org_unit", "unknown_role"}},
		{post, user + "/org-units", auth.UserWrite, ok, rest.Tagged, "add org units", "Give a user more organisational units, or other roles in those that it has",
			rest.Handle(a.addOrgUnits), []rest.Code{"unknown_org_unit", "inactive_org_unit", "unknown_role"}},
		{get, user + "/idp-links", auth.UserRead, ok, rest.Tagged, "list idp links", "Identities of a user at identity providers", rest.Handle(a.idpLinks), nil},
		{remove, user + "/idp-links/{idpId}/{externalUserId}", auth.UserCredential, noContent, rest.Tagged, "remove idp link", "Unlink an identity",
			rest.Handle(a.removeIdPLink), []rest.Code{"only_way_in"}},
	}
}

func (a *API) passwordRoutes() []route {
	return []route{
		{put, user + "/password", auth.UserCredential, noContent, rest.Tagged, "set password", "Set the password of a user",
			rest.Handle(a.setPassword), []rest.Code{"password_policy", "not_initialised", "sso_only", "wrong_type"}},
		{post, user + "/password/initialize", auth.UserCredential, ok, rest.Tagged, "initialise password", "Set up an invited user with a password",
			rest.Handle(a.initialisePassword), []rest.Code{"password_policy", "already_initialised", "wrong_type"}},
		{post, user + "/password/reset", auth.UserCredential, accepted, 0, "reset password", "Send a user a link to choose another password",
			rest.Handle(a.resetPassword), []rest.Code{"not_initialised", "not_active", "sso_only", "wrong_type", "no_channel"}},
		{put, user + "/mfa-skip", auth.UserCredential, ok, rest.Tagged, "skip second factor", "Ask for no second factor for a time", rest.Handle(a.skipFactors), []rest.Code{"wrong_type"}},
		{remove, user + "/mfa-skip", auth.UserCredential, noContent, rest.Tagged, "ask second factor", "Ask for the second factor again", silent(a.Credentials.AskFactors), []rest.Code{"wrong_type"}},
	}
}

func (a *API) factorRoutes() []route {
	const factor, key, pass = user + "/auth-factors", user + "/auth-factors/u2f/registrations", user + "/passkeys"
	finishing := []rest.Code{"expired", "invalid_credential", "wrong_type"}
	return []route{
		{get, factor, auth.UserRead, ok, 0, "list auth factors", "Second factors of a user", factors(a.Credentials.Factors), []rest.Code{"wrong_type"}},
		{remove, factor + "/{factorId}", auth.UserCredential, noContent, rest.Tagged, "remove security key", "Remove a security key", rest.Handle(a.removeFactor), []rest.Code{"wrong_type"}},
		{remove, factor + "/otp", auth.UserCredential, noContent, rest.Tagged, "remove totp", "Remove the authenticator app", a.removeOnly(credentials.TOTP), []rest.Code{"wrong_type"}},
		{remove, factor + "/otp-sms", auth.UserCredential, noContent, rest.Tagged, "remove sms factor", "Send no more codes to the phone", a.removeOnly(credentials.SMS), []rest.Code{"wrong_type"}},
		{remove, factor + "/otp-email", auth.UserCredential, noContent, rest.Tagged, "remove email factor", "Send no more codes by mail", a.removeOnly(credentials.Mail), []rest.Code{"wrong_type"}},
		{remove, factor + "/recovery-codes", auth.UserCredential, noContent, rest.Tagged, "remove recovery codes", "Remove the recovery codes", a.removeOnly(credentials.Recovery), []rest.Code{"wrong_type"}},
		{post, factor + "/otp", auth.UserCredential, created, 0, "begin totp", "Begin to enrol an authenticator app", rest.Handle(a.beginTOTP), []rest.Code{"already_enrolled", "wrong_type"}},
		{post, factor + "/otp/confirm", auth.UserCredential, ok, rest.Tagged, "confirm totp", "Enrol it, by a code that it shows", rest.Handle(a.confirmTOTP), []rest.Code{"invalid_code", "wrong_type"}},
		{post, factor + "/otp-sms", auth.UserCredential, created, rest.Tagged, "add sms factor", "Let codes be sent to the phone", a.addChannel(credentials.SMS), []rest.Code{"already_enrolled", "not_verified", "wrong_type"}},
		{post, factor + "/otp-email", auth.UserCredential, created, rest.Tagged, "add email factor", "Let codes be sent by mail", a.addChannel(credentials.Mail), []rest.Code{"already_enrolled", "not_verified", "wrong_type"}},
		{post, factor + "/recovery-codes", auth.UserCredential, created, 0, "make recovery codes", "Make ten recovery codes; older ones end", rest.Handle(a.recoveryCodes), []rest.Code{"wrong_type"}},
		{post, key, auth.UserCredential, created, 0, "begin u2f registration", "Begin to enrol a security key", a.beginRegistration(credentials.U2F), []rest.Code{"wrong_type"}},
		{post, key + "/{registrationId}", auth.UserCredential, created, rest.Tagged, "finish u2f registration", "Enrol a security key", a.finishRegistration(credentials.U2F), finishing},
		{get, pass, auth.UserRead, ok, 0, "list passkeys", "Passkeys of a user", factors(a.Credentials.Passkeys), []rest.Code{"wrong_type"}},
		{post, pass + "/registrations", auth.UserCredential, created, 0, "begin passkey registration", "Begin to register a passkey", a.beginRegistration(credentials.Passkey), []rest.Code{"wrong_type"}},
		{post, pass + "/registrations/{registrationId}", auth.UserCredential, created, rest.Tagged, "finish passkey registration", "Register a passkey", a.finishRegistration(credentials.Passkey), finishing},
		{post, pass + "/registration-links", auth.UserCredential, created, 0, "make registration link", "A link by which the user registers an authenticator, once",
			rest.Handle(a.registrationLink), []rest.Code{"no_channel", "wrong_type"}},
		{remove, pass + "/{passkeyId}", auth.UserCredential, noContent, rest.Tagged, "remove passkey", "Remove a passkey", rest.Handle(a.removePasskey), []rest.Code{"wrong_type"}},
	}
}

func (a *API) machineRoutes() []route {
	onlyMachines := []rest.Code{"wrong_type"}
	return []route{
		{put, user + "/secret", auth.UserCredential, ok, rest.Tagged, "make secret", "Make the client secret of a machine user; the old one ends", rest.Handle(a.newSecret), []rest.Code{"already_enrolled", "wrong_type"}},
		{remove, user + "/secret", auth.UserCredential, noContent, rest.Tagged, "remove secret", "End the client secret", silent(a.Credentials.RemoveSecret), onlyMachines},
		{get, user + "/keys", auth.UserRead, ok, 0, "list keys", "Keys of a machine user, in order of creation", rest.Handle(a.keys), onlyMachines},
		{post, user + "/keys", auth.UserCredential, created, rest.Tagged, "make key", "Make a key, or take a public one", rest.Handle(a.newKey), []rest.Code{"already_enrolled", "invalid_key", "wrong_type"}},
		{get, user + "/keys/{keyId}", auth.UserRead, ok, 0, "get key", "A key", rest.Handle(a.key), onlyMachines},
		{remove, user + "/keys/{keyId}", auth.UserCredential, noContent, rest.Tagged, "remove key", "End a key", rest.Handle(a.removeKey), onlyMachines},
		{get, user + "/tokens", auth.UserRead, ok, 0, "list tokens", "Personal access tokens of a machine user, in order of creation", rest.Handle(a.tokens), onlyMachines},
		{post, user + "/tokens", auth.UserCredential, created, rest.Tagged, "make token", "Make a personal access token", rest.Handle(a.newToken), []rest.Code{"already_enrolled", "wrong_type"}},
		{get, user + "/tokens/{tokenId}", auth.UserRead, ok, 0, "get token", "A personal access token", rest.Handle(a.token), onlyMachines},
		{remove, user + "/tokens/{tokenId}", auth.UserCredential, noContent, rest.Tagged, "remove token", "End a personal access token", rest.Handle(a.removeToken), onlyMachines},
	}
}

func (a *API) redemptionRoutes() []route {
	return []route{
		{post, "/invitation/invite", auth.UserWrite, created, 0, "invite user", "Make a user, and mail an invitation", rest.Handle(a.invite), []rest.Code{"mail_domain", "unknown_role", "uniqueness", "no_seat"}},
		{post, "/invitation/resend", auth.UserWrite, created, 0, "resend invitation", "Mail a new invitation; the old one ends",
			rest.Handle(a.resendInvitation), []rest.Code{"already_initialised", "not_active", "mail_domain", "uniqueness"}},
		{post, "/invitation/revoke", auth.UserWrite, ok, 0, "revoke invitation", "End an invitation", rest.Handle(a.revokeInvitation), []rest.Code{"already_initialised"}},
		{post, "/invitation/accept", auth.Open, ok, 0, "accept invitation", "Set up an invited user", rest.Handle(a.acceptInvitation), []rest.Code{"invalid_token", "password_policy", "already_initialised", "expired"}},
		{post, "/verification/complete", auth.Open, ok, 0, "complete verification", "Prove that an e-mail address or phone number is the user's",
			rest.Handle(a.completeVerification), []rest.Code{"invalid_token", "invalid_code", "expired"}},
		{post, "/password-reset/complete", auth.Open, ok, 0, "complete password reset", "Choose another password", rest.Handle(a.completeReset), []rest.Code{"invalid_token", "password_policy", "expired"}},
		{post, "/passkey-registration/begin", auth.Open, ok, 0, "begin linked registration", "Begin to register what the link is for; may be done again",
			rest.Handle(a.beginLinked), []rest.Code{"invalid_token", "expired"}},
		{post, "/passkey-registration/finish", auth.Open, created, 0, "finish linked registration", "Register it; the link ends",
			rest.Handle(a.finishLinked), []rest.Code{"invalid_token", "invalid_credential", "expired"}},
	}
}

func (a *API) authenticationRoutes() []route {
	return []route{
		{post, "/authenticate", auth.UserAuthenticate, ok, 0, "authenticate", "Check a login name and a password", rest.Handle(a.authenticate), []rest.Code{"authentication_failed"}},
		{post, "/authenticate/challenge", auth.UserAuthenticate, ok, 0, "challenge factor", "Send a code, or get options for a security key", rest.Handle(a.challenge), []rest.Code{"expired", "too_many_requests"}},
		{post, "/authenticate/factor", auth.UserAuthenticate, ok, 0, "answer factor", "Check a second factor, or a passkey", rest.Handle(a.answerFactor), []rest.Code{"authentication_failed", "expired"}},
		{post, "/authenticate/passkey", auth.UserAuthenticate, ok, 0, "begin passkey login", "Get options for a login by passkey; the same for unknown users", rest.Handle(a.beginPasskey), nil},
	}
}
