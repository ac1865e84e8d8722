package api

import (
	"net/http"
	"slices"

	"roster/auth"
)

// The methods and statuses of the table.
const (
	get    = http.MethodGet
	put    = http.MethodPut
	post   = http.MethodPost
	patch  = http.MethodPatch
	remove = http.MethodDelete

	ok        = http.StatusOK
	created   = http.StatusCreated
	accepted  = http.StatusAccepted
	noContent = http.StatusNoContent
)

// user is the path of one user.
const user = "/users/{userId}"

// Codes that changes of grants and of addresses meet.
func ofGrants(more ...Code) []Code {
	return append(more, "unknown_role", "unknown_entitlement", "unknown_org_unit", "inactive_org_unit", "no_seat", "last_administrator", "self_lockout")
}

func ofAddress(more ...Code) []Code { return append(more, "mail_domain", "uniqueness", "wrong_type") }

// table lists the routes.
func (a *API) table() []Route {
	return slices.Concat(a.accountRoutes(), a.userRoutes(), a.profileRoutes(), a.accessRoutes(), a.passwordRoutes(),
		a.factorRoutes(), a.machineRoutes(), a.redemptionRoutes(), a.authenticationRoutes())
}

func (a *API) accountRoutes() []Route {
	return []Route{
		{get, "/openapi.json", auth.Open, ok, 0, "describe account API", "This document", handle(a.openAPI), nil},
		{get, "/me", auth.UserRead, ok, 0, "get me", "The account of the token, and the user that the token belongs to", handle(a.me), nil},
		{get, "/events", auth.UserRead, ok, Tagged, "list events", "The history of the account, also of users that were removed", handle(a.accountEvents), nil},
	}
}

func (a *API) userRoutes() []Route {
	return []Route{
		{get, "/users", auth.UserRead, ok, 0, "list users", "Users of the account; conditions are joined by and, and disregard case",
			handle(a.listUsers), []Code{"too_many"}},
		{post, "/users", auth.UserWrite, created, Tagged, "create user", "Make a human or machine user; one that is not set up is invited",
			handle(a.createUser), ofGrants(ofAddress("password_policy", "password_hash")...)},
		{get, "/users/uniqueness", auth.UserRead, ok, 0, "check uniqueness", "Whether a user name or an e-mail address is free",
			handle(a.uniqueness), nil},
		{get, "/users/by-login-name", auth.UserRead, ok, 0, "find user by login name", "The user with exactly that login name; with scope=global, which needs user:global, in any account",
			handle(a.byLoginName), []Code{"ambiguous"}},
		{post, "/users/bulk-update", auth.UserWrite, ok, 0, "update users", "Change grants of many users alike; each succeeds or fails by itself",
			handle(a.bulkUpdate), nil},
		{get, user, auth.UserRead, ok, Tagged, "get user", "A user", handle(a.getUser), nil},
		{put, user, auth.UserWrite, accepted, Tagged, "replace roles", "Replace the roles of a user, and nothing else", handle(a.replaceRoles), ofGrants()},
		{patch, user, auth.UserWrite, ok, Tagged, "update user", "Change what is sent, and nothing else",
			handle(a.updateUser), ofGrants(ofAddress("not_initialised")...)},
		{remove, user, auth.UserDelete, noContent, 0, "remove user", "Remove a user, who can be restored for a time",
			handle(a.removeUser), []Code{"last_administrator", "self_lockout"}},
		{post, user + "/restore", auth.UserWrite, ok, Tagged, "restore user", "Restore a removed user, without credentials and groups",
			a.showing(a.Users.Restore), []Code{"not_removed", "mail_domain", "uniqueness", "no_seat"}},
		{post, user + "/deactivate", auth.UserWrite, ok, Tagged, "deactivate user", "End the use of the account by a user",
			a.showing(a.Users.Deactivate), []Code{"already_inactive", "last_administrator", "self_lockout"}},
		{post, user + "/reactivate", auth.UserWrite, ok, Tagged, "reactivate user", "Let a deactivated user use the account again, also one that was locked",
			a.showing(a.Users.Reactivate), []Code{"not_inactive"}},
		{post, user + "/lock", auth.UserWrite, ok, Tagged, "lock user", "Lock a user out for the time being",
			a.showing(a.Users.Lock), []Code{"already_locked", "not_active", "last_administrator", "self_lockout"}},
		{post, user + "/unlock", auth.UserWrite, ok, Tagged, "unlock user", "Unlock a user, and forget failed logins",
			a.showing(a.Users.Unlock), []Code{"not_locked"}},
		{get, user + "/events", auth.UserRead, ok, Tagged, "list events of user", "The history of a user", handle(a.userEvents), nil},
	}
}

func (a *API) profileRoutes() []Route {
	return []Route{
		{get, user + "/profile", auth.UserRead, ok, Tagged, "get profile", "The names and the like of a human user", handle(a.getProfile), []Code{"wrong_type"}},
		{put, user + "/profile", auth.UserWrite, ok, Tagged, "replace profile", "Replace them all", handle(a.putProfile), []Code{"wrong_type"}},
		{get, user + "/email", auth.UserRead, ok, Tagged, "get email", "The e-mail address of a human user", handle(a.getEmail), []Code{"wrong_type"}},
		{put, user + "/email", auth.UserWrite, ok, Tagged, "change email", "Change the e-mail address; one that is not verified is sent a code",
			handle(a.putEmail), ofAddress("not_initialised")},
		{post, user + "/email/resend-verification", auth.UserWrite, accepted, 0, "resend email verification", "Send a new code; the old one ends",
			silent(a.Invitations.ResendEmailVerification), []Code{"wrong_type", "already_verified", "not_initialised"}},
		{get, user + "/phone", auth.UserRead, ok, Tagged, "get phone", "The phone number of a human user", handle(a.getPhone), []Code{"wrong_type"}},
		{put, user + "/phone", auth.UserWrite, ok, Tagged, "change phone", "Change the phone number; one that is not verified is sent a code",
			handle(a.putPhone), []Code{"wrong_type"}},
		{remove, user + "/phone", auth.UserWrite, noContent, Tagged, "remove phone", "Remove the phone number", silent(a.Users.RemovePhone), []Code{"wrong_type"}},
		{post, user + "/phone/resend-verification", auth.UserWrite, accepted, 0, "resend phone verification", "Send a new code; the old one ends",
			silent(a.Invitations.ResendPhoneVerification), []Code{"wrong_type", "already_verified"}},
		{remove, user + "/avatar", auth.UserWrite, noContent, Tagged, "remove avatar", "Remove the picture", silent(a.Users.RemoveAvatar), []Code{"wrong_type"}},
		{get, user + "/metadata", auth.UserRead, ok, Tagged, "list metadata", "Values that applications keep with a user, in the order of their keys", handle(a.listMetadata), nil},
		{patch, user + "/metadata", auth.UserWrite, noContent, Tagged | Large, "change metadata", "Set and delete many values, all or none", handle(a.changeMetadata), nil},
		{get, user + "/metadata/{key}", auth.UserRead, ok, Tagged, "get metadata", "The value of a key", handle(a.getMetadata), nil},
		{put, user + "/metadata/{key}", auth.UserWrite, noContent, Tagged, "set metadata", "Set the value of a key", handle(a.putMetadata), nil},
		{remove, user + "/metadata/{key}", auth.UserWrite, noContent, Tagged, "delete metadata", "Delete the value of a key", handle(a.deleteMetadata), nil},
	}
}
