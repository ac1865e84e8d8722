package api

import (
	"roster/auth"
	"roster/extensions/accountuser/credentials"
)

func (a *API) accessRoutes() []Route {
	return []Route{
		{get, user + "/groups", auth.UserRead, ok, 0, "list groups of user", "Groups of a user, also those that it is in through others", handle(a.groups), nil},
		{get, user + "/admin-entitlements", auth.UserRead, ok, 0, "list admin entitlements", "Administrative entitlements of a user, also those that come through groups",
			entitlements(a.Grants.AdminEntitlements), nil},
		{get, user + "/service-entitlements", auth.UserRead, ok, 0, "list service entitlements", "Entitlements of a user to services, also those that come through groups",
			entitlements(a.Grants.ServiceEntitlements), nil},
		{get, user + "/memberships", auth.UserMembership, ok, 0, "list memberships", "Where a user has which roles", handle(a.memberships), nil},
		{get, user + "/org-units", auth.UserRead, ok, Tagged, "list org units", "Organisational units that a user has access to", handle(a.orgUnits), nil},
		{put, user + "/org-units", auth.UserWrite, ok, Tagged, "replace org units", "Replace the organisational units of a user",
			handle(a.replaceOrgUnits), []Code{"unknown_org_unit", "inactive_org_unit", "unknown_role"}},
		{post, user + "/org-units", auth.UserWrite, ok, Tagged, "add org units", "Give a user more organisational units, or other roles in those that it has",
			handle(a.addOrgUnits), []Code{"unknown_org_unit", "inactive_org_unit", "unknown_role"}},
		{get, user + "/idp-links", auth.UserRead, ok, Tagged, "list idp links", "Identities of a user at identity providers", handle(a.idpLinks), nil},
		{remove, user + "/idp-links/{idpId}/{externalUserId}", auth.UserCredential, noContent, Tagged, "remove idp link", "Unlink an identity",
			handle(a.removeIdPLink), []Code{"only_way_in"}},
	}
}

func (a *API) passwordRoutes() []Route {
	return []Route{
		{put, user + "/password", auth.UserCredential, noContent, Tagged, "set password", "Set the password of a user",
			handle(a.setPassword), []Code{"password_policy", "not_initialised", "sso_only", "wrong_type"}},
		{post, user + "/password/initialize", auth.UserCredential, ok, Tagged, "initialise password", "Set up an invited user with a password",
			handle(a.initialisePassword), []Code{"password_policy", "already_initialised", "wrong_type"}},
		{post, user + "/password/reset", auth.UserCredential, accepted, 0, "reset password", "Send a user a link to choose another password",
			handle(a.resetPassword), []Code{"not_initialised", "not_active", "sso_only", "wrong_type", "no_channel"}},
		{put, user + "/mfa-skip", auth.UserCredential, ok, Tagged, "skip second factor", "Ask for no second factor for a time", handle(a.skipFactors), []Code{"wrong_type"}},
		{remove, user + "/mfa-skip", auth.UserCredential, noContent, Tagged, "ask second factor", "Ask for the second factor again", silent(a.Credentials.AskFactors), []Code{"wrong_type"}},
	}
}

func (a *API) factorRoutes() []Route {
	const factor, key, pass = user + "/auth-factors", user + "/auth-factors/u2f/registrations", user + "/passkeys"
	finishing := []Code{"expired", "invalid_credential", "wrong_type"}
	return []Route{
		{get, factor, auth.UserRead, ok, 0, "list auth factors", "Second factors of a user", factors(a.Credentials.Factors), []Code{"wrong_type"}},
		{remove, factor + "/{factorId}", auth.UserCredential, noContent, Tagged, "remove security key", "Remove a security key", handle(a.removeFactor), []Code{"wrong_type"}},
		{remove, factor + "/otp", auth.UserCredential, noContent, Tagged, "remove totp", "Remove the authenticator app", a.removeOnly(credentials.TOTP), []Code{"wrong_type"}},
		{remove, factor + "/otp-sms", auth.UserCredential, noContent, Tagged, "remove sms factor", "Send no more codes to the phone", a.removeOnly(credentials.SMS), []Code{"wrong_type"}},
		{remove, factor + "/otp-email", auth.UserCredential, noContent, Tagged, "remove email factor", "Send no more codes by mail", a.removeOnly(credentials.Mail), []Code{"wrong_type"}},
		{remove, factor + "/recovery-codes", auth.UserCredential, noContent, Tagged, "remove recovery codes", "Remove the recovery codes", a.removeOnly(credentials.Recovery), []Code{"wrong_type"}},
		{post, factor + "/otp", auth.UserCredential, created, 0, "begin totp", "Begin to enrol an authenticator app", handle(a.beginTOTP), []Code{"already_enrolled", "wrong_type"}},
		{post, factor + "/otp/confirm", auth.UserCredential, ok, Tagged, "confirm totp", "Enrol it, by a code that it shows", handle(a.confirmTOTP), []Code{"invalid_code", "wrong_type"}},
		{post, factor + "/otp-sms", auth.UserCredential, created, Tagged, "add sms factor", "Let codes be sent to the phone", a.addChannel(credentials.SMS), []Code{"already_enrolled", "not_verified", "wrong_type"}},
		{post, factor + "/otp-email", auth.UserCredential, created, Tagged, "add email factor", "Let codes be sent by mail", a.addChannel(credentials.Mail), []Code{"already_enrolled", "not_verified", "wrong_type"}},
		{post, factor + "/recovery-codes", auth.UserCredential, created, 0, "make recovery codes", "Make ten recovery codes; older ones end", handle(a.recoveryCodes), []Code{"wrong_type"}},
		{post, key, auth.UserCredential, created, 0, "begin u2f registration", "Begin to enrol a security key", a.beginRegistration(credentials.U2F), []Code{"wrong_type"}},
		{post, key + "/{registrationId}", auth.UserCredential, created, Tagged, "finish u2f registration", "Enrol a security key", a.finishRegistration(credentials.U2F), finishing},
		{get, pass, auth.UserRead, ok, 0, "list passkeys", "Passkeys of a user", factors(a.Credentials.Passkeys), []Code{"wrong_type"}},
		{post, pass + "/registrations", auth.UserCredential, created, 0, "begin passkey registration", "Begin to register a passkey", a.beginRegistration(credentials.Passkey), []Code{"wrong_type"}},
		{post, pass + "/registrations/{registrationId}", auth.UserCredential, created, Tagged, "finish passkey registration", "Register a passkey", a.finishRegistration(credentials.Passkey), finishing},
		{post, pass + "/registration-links", auth.UserCredential, created, 0, "make registration link", "A link by which the user registers an authenticator, once",
			handle(a.registrationLink), []Code{"no_channel", "wrong_type"}},
		{remove, pass + "/{passkeyId}", auth.UserCredential, noContent, Tagged, "remove passkey", "Remove a passkey", handle(a.removePasskey), []Code{"wrong_type"}},
	}
}

func (a *API) machineRoutes() []Route {
	onlyMachines := []Code{"wrong_type"}
	return []Route{
		{put, user + "/secret", auth.UserCredential, ok, Tagged, "make secret", "Make the client secret of a machine user; the old one ends", handle(a.newSecret), []Code{"already_enrolled", "wrong_type"}},
		{remove, user + "/secret", auth.UserCredential, noContent, Tagged, "remove secret", "End the client secret", silent(a.Credentials.RemoveSecret), onlyMachines},
		{get, user + "/keys", auth.UserRead, ok, 0, "list keys", "Keys of a machine user, in order of creation", handle(a.keys), onlyMachines},
		{post, user + "/keys", auth.UserCredential, created, Tagged, "make key", "Make a key, or take a public one", handle(a.newKey), []Code{"already_enrolled", "invalid_key", "wrong_type"}},
		{get, user + "/keys/{keyId}", auth.UserRead, ok, 0, "get key", "A key", handle(a.key), onlyMachines},
		{remove, user + "/keys/{keyId}", auth.UserCredential, noContent, Tagged, "remove key", "End a key", handle(a.removeKey), onlyMachines},
		{get, user + "/tokens", auth.UserRead, ok, 0, "list tokens", "Personal access tokens of a machine user, in order of creation", handle(a.tokens), onlyMachines},
		{post, user + "/tokens", auth.UserCredential, created, Tagged, "make token", "Make a personal access token", handle(a.newToken), []Code{"already_enrolled", "wrong_type"}},
		{get, user + "/tokens/{tokenId}", auth.UserRead, ok, 0, "get token", "A personal access token", handle(a.token), onlyMachines},
		{remove, user + "/tokens/{tokenId}", auth.UserCredential, noContent, Tagged, "remove token", "End a personal access token", handle(a.removeToken), onlyMachines},
	}
}

func (a *API) redemptionRoutes() []Route {
	return []Route{
		{post, "/invitation/invite", auth.UserWrite, created, 0, "invite user", "Make a user, and mail an invitation", handle(a.invite), []Code{"mail_domain", "unknown_role", "uniqueness", "no_seat"}},
		{post, "/invitation/resend", auth.UserWrite, created, 0, "resend invitation", "Mail a new invitation; the old one ends",
			handle(a.resendInvitation), []Code{"already_initialised", "not_active", "mail_domain", "uniqueness"}},
		{post, "/invitation/revoke", auth.UserWrite, ok, 0, "revoke invitation", "End an invitation", handle(a.revokeInvitation), []Code{"already_initialised"}},
		{post, "/invitation/accept", auth.Open, ok, 0, "accept invitation", "Set up an invited user", handle(a.acceptInvitation), []Code{"invalid_token", "password_policy", "already_initialised", "expired"}},
		{post, "/verification/complete", auth.Open, ok, 0, "complete verification", "Prove that an e-mail address or phone number is the user's",
			handle(a.completeVerification), []Code{"invalid_token", "invalid_code", "expired"}},
		{post, "/password-reset/complete", auth.Open, ok, 0, "complete password reset", "Choose another password", handle(a.completeReset), []Code{"invalid_token", "password_policy", "expired"}},
		{post, "/passkey-registration/begin", auth.Open, ok, 0, "begin linked registration", "Begin to register what the link is for; may be done again",
			handle(a.beginLinked), []Code{"invalid_token", "expired"}},
		{post, "/passkey-registration/finish", auth.Open, created, 0, "finish linked registration", "Register it; the link ends",
			handle(a.finishLinked), []Code{"invalid_token", "invalid_credential", "expired"}},
	}
}

func (a *API) authenticationRoutes() []Route {
	return []Route{
		{post, "/authenticate", auth.UserAuthenticate, ok, 0, "authenticate", "Check a login name and a password", handle(a.authenticate), []Code{"authentication_failed"}},
		{post, "/authenticate/challenge", auth.UserAuthenticate, ok, 0, "challenge factor", "Send a code, or get options for a security key", handle(a.challenge), []Code{"expired", "too_many_requests"}},
		{post, "/authenticate/factor", auth.UserAuthenticate, ok, 0, "answer factor", "Check a second factor, or a passkey", handle(a.answerFactor), []Code{"authentication_failed", "expired"}},
		{post, "/authenticate/passkey", auth.UserAuthenticate, ok, 0, "begin passkey login", "Get options for a login by passkey; the same for unknown users", handle(a.beginPasskey), nil},
	}
}
