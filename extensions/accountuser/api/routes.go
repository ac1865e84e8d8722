package api

import (
	"slices"

	"roster/auth"
	"roster/extensions/rest"
)

// user is the path of one user.
const user = "/users/{userId}"

// Codes that changes of grants and of addresses meet.
func ofGrants(more ...rest.Code) []rest.Code {
	return append(more, "unknown_role", "unknown_entitlement", "unknown_org_unit", "inactive_org_unit", "no_seat", "last_administrator", "self_lockout")
}

func ofAddress(more ...rest.Code) []rest.Code {
	return append(more, "mail_domain", "uniqueness", "wrong_type")
}

// route is a row of the table: method, path, scope, status of success and so on.
type route rest.Route

// table lists the routes.
func (a *API) table() []rest.Route {
	rows := slices.Concat(a.accountRoutes(), a.userRoutes(), a.profileRoutes(), a.accessRoutes(), a.passwordRoutes(),
		a.factorRoutes(), a.machineRoutes(), a.redemptionRoutes(), a.authenticationRoutes())
	return rest.Mapped(rows, func(r route) rest.Route { return rest.Route(r) })
}

func (a *API) accountRoutes() []route {
	return []route{
		{"GET", "/me", auth.UserRead, 200, 0, "get me", "The account of the token, and the user that the token belongs to", rest.Handle(a.me), nil},
		{"GET", "/events", auth.UserRead, 200, rest.Tagged, "list events", "The history of the account, also of users that were removed", rest.Handle(a.accountEvents), nil},
	}
}

func (a *API) userRoutes() []route {
	return []route{
		{"GET", "/users", auth.UserRead, 200, 0, "list users", "Users of the account; conditions are joined by and, and disregard case",
			rest.Handle(a.listUsers), []rest.Code{"too_many"}},
		{"POST", "/users", auth.UserWrite, 201, rest.Tagged, "create user", "Make a human or machine user; one that is not set up is invited",
			rest.Handle(a.createUser), ofGrants(ofAddress("password_policy", "password_hash")...)},
		{"GET", "/users/uniqueness", auth.UserRead, 200, 0, "check uniqueness", "Whether a user name or an e-mail address is free",
			rest.Handle(a.uniqueness), nil},
		{"GET", "/users/by-login-name", auth.UserRead, 200, 0, "find user by login name", "The user with exactly that login name; with scope=global, which needs user:global, in any account",
			rest.Handle(a.byLoginName), []rest.Code{"ambiguous"}},
		{"POST", "/users/bulk-update", auth.UserWrite, 200, 0, "update users", "Change grants of many users alike; each succeeds or fails by itself",
			rest.Handle(a.bulkUpdate), nil},
		{"GET", user, auth.UserRead, 200, rest.Tagged, "get user", "A user", rest.Handle(a.getUser), nil},
		{"PUT", user, auth.UserWrite, 202, rest.Tagged, "replace roles", "Replace the roles of a user, and nothing else", rest.Handle(a.replaceRoles), ofGrants()},
		{"PATCH", user, auth.UserWrite, 200, rest.Tagged, "update user", "Change what is sent, and nothing else",
			rest.Handle(a.updateUser), ofGrants(ofAddress("not_initialised")...)},
		{"DELETE", user, auth.UserDelete, 204, 0, "remove user", "Remove a user, who can be restored for a time",
			rest.Handle(a.removeUser), []rest.Code{"last_administrator", "self_lockout"}},
		{"POST", user + "/restore", auth.UserWrite, 200, rest.Tagged, "restore user", "Restore a removed user, without credentials and groups",
			a.showing(a.Users.Restore), []rest.Code{"not_removed", "mail_domain", "uniqueness", "no_seat"}},
		{"POST", user + "/deactivate", auth.UserWrite, 200, rest.Tagged, "deactivate user", "End the use of the account by a user",
			a.showing(a.Users.Deactivate), []rest.Code{"already_inactive", "last_administrator", "self_lockout"}},
		{"POST", user + "/reactivate", auth.UserWrite, 200, rest.Tagged, "reactivate user", "Let a deactivated user use the account again, also one that was locked",
			a.showing(a.Users.Reactivate), []rest.Code{"not_inactive"}},
		{"POST", user + "/lock", auth.UserWrite, 200, rest.Tagged, "lock user", "Lock a user out for the time being",
			a.showing(a.Users.Lock), []rest.Code{"already_locked", "not_active", "last_administrator", "self_lockout"}},
		{"POST", user + "/unlock", auth.UserWrite, 200, rest.Tagged, "unlock user", "Unlock a user, and forget failed logins",
			a.showing(a.Users.Unlock), []rest.Code{"not_locked"}},
		{"GET", user + "/events", auth.UserRead, 200, rest.Tagged, "list events of user", "The history of a user", rest.Handle(a.userEvents), nil},
	}
}

func (a *API) profileRoutes() []route {
	return []route{
		{"GET", user + "/profile", auth.UserRead, 200, rest.Tagged, "get profile", "The names and the like of a human user", rest.Handle(a.getProfile), []rest.Code{"wrong_type"}},
		{"PUT", user + "/profile", auth.UserWrite, 200, rest.Tagged, "replace profile", "Replace them all", rest.Handle(a.putProfile), []rest.Code{"wrong_type"}},
		{"GET", user + "/email", auth.UserRead, 200, rest.Tagged, "get email", "The e-mail address of a human user", rest.Handle(a.getEmail), []rest.Code{"wrong_type"}},
		{"PUT", user + "/email", auth.UserWrite, 200, rest.Tagged, "change email", "Change the e-mail address; one that is not verified is sent a code",
			rest.Handle(a.putEmail), ofAddress("not_initialised")},
		{"POST", user + "/email/resend-verification", auth.UserWrite, 202, 0, "resend email verification", "Send a new code; the old one ends",
			silent(a.Invitations.ResendEmailVerification), []rest.Code{"wrong_type", "already_verified", "not_initialised"}},
		{"GET", user + "/phone", auth.UserRead, 200, rest.Tagged, "get phone", "The phone number of a human user", rest.Handle(a.getPhone), []rest.Code{"wrong_type"}},
		{"PUT", user + "/phone", auth.UserWrite, 200, rest.Tagged, "change phone", "Change the phone number; one that is not verified is sent a code",
			rest.Handle(a.putPhone), []rest.Code{"wrong_type"}},
		{"DELETE", user + "/phone", auth.UserWrite, 204, rest.Tagged, "remove phone", "Remove the phone number", silent(a.Users.RemovePhone), []rest.Code{"wrong_type"}},
		{"POST", user + "/phone/resend-verification", auth.UserWrite, 202, 0, "resend phone verification", "Send a new code; the old one ends",
			silent(a.Invitations.ResendPhoneVerification), []rest.Code{"wrong_type", "already_verified"}},
		{"DELETE", user + "/avatar", auth.UserWrite, 204, rest.Tagged, "remove avatar", "Remove the picture", silent(a.Users.RemoveAvatar), []rest.Code{"wrong_type"}},
		{"GET", user + "/metadata", auth.UserRead, 200, rest.Tagged, "list metadata", "Values that applications keep with a user, in the order of their keys", rest.Handle(a.listMetadata), nil},
		{"PATCH", user + "/metadata", auth.UserWrite, 204, rest.Tagged | rest.Large, "change metadata", "Set and delete many values, all or none", rest.Handle(a.changeMetadata), nil},
		{"GET", user + "/metadata/{key}", auth.UserRead, 200, rest.Tagged, "get metadata", "The value of a key", rest.Handle(a.getMetadata), nil},
		{"PUT", user + "/metadata/{key}", auth.UserWrite, 204, rest.Tagged, "set metadata", "Set the value of a key", rest.Handle(a.putMetadata), nil},
		{"DELETE", user + "/metadata/{key}", auth.UserWrite, 204, rest.Tagged, "delete metadata", "Delete the value of a key", rest.Handle(a.deleteMetadata), nil},
	}
}
