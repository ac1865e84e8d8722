package platform

import (
	"slices"

	"roster/auth"
	"roster/extensions/rest"
)

// account is the path of one account.
const account = "/accounts/{account}"

// route is a row of the table: method, path, scope, status of success and so on.
type route rest.Route

// routes lists those of the admin API.
func (p *Platform) routes() []rest.Route {
	rows := slices.Concat(p.accountRoutes(), p.within(account, auth.PlatformAdmin), p.serverRoutes())
	return rest.Mapped(rows, func(r route) rest.Route { return rest.Route(r) })
}

// AccountRoutes lists the routes of the account API by which an account is
// administered from inside: all with the scope account:write, and with Codes.
func (p *Platform) AccountRoutes() []rest.Route {
	return rest.Mapped(p.within("", auth.AccountWrite), func(r route) rest.Route { return rest.Route(r) })
}

func (p *Platform) accountRoutes() []route {
	const scope = auth.PlatformAdmin
	return []route{
		{"GET", "/accounts", scope, 200, 0, "list accounts", "Accounts in the order of their names", rest.Handle(p.listAccounts), nil},
		{"POST", "/accounts", scope, 201, 0, "create account", "Make an account with all that it begins with", rest.Handle(p.createAccount), codes("uniqueness")},
		{"GET", account, scope, 200, 0, "get account", "An account, by its id or name", rest.Handle(p.getAccount), nil},
		{"DELETE", account, scope, 204, 0, "delete account", "Delete an account with everything in it, for good: users, groups, tokens, settings. Only its audit is kept, as long as the account said",
			rest.Handle(p.deleteAccount), codes("self_lockout")},
		{"POST", account + "/disable", scope, 200, 0, "disable account", "Keep everybody out of an account, until it is enabled; nothing in it changes", rest.Handle(p.disableAccount), codes("self_lockout")},
		{"POST", account + "/enable", scope, 200, 0, "enable account", "Let those in again who were kept out", rest.Handle(p.enableAccount), nil},
		{"PUT", account + "/settings", scope, 200, 0, "replace settings", "Replace all settings: what is not sent goes back to its default", rest.Handle(p.replaceSettings), codes("uniqueness")},
		{"GET", "/deleted-accounts", scope, 200, 0, "list deleted accounts", "Accounts that were deleted, in the order of their creation", rest.Handle(p.listDeleted), nil},
		{"GET", "/deleted-accounts/{account}/audit", scope, 200, 0, "read audit of deleted account", "Who did what in an account that was deleted, by its id", rest.Handle(p.deletedAudit), nil},
	}
}

// within lists what is done with one account, which the path names or, if it does
// not, is that of the token.
func (p *Platform) within(path string, scope auth.Scope) []route {
	return []route{
		{"GET", path + "/settings", scope, 200, 0, "get settings", "What is set; what is not has its default. Secrets are shown as [secret]", rest.Handle(p.getSettings), nil},
		{"PATCH", path + "/settings", scope, 200, 0, "change settings", "Change what is sent: null goes back to the default, and [secret] keeps the secret that is there", rest.Handle(p.changeSettings), codes("uniqueness", "operator_only")},
		{"GET", path + "/tokens", scope, 200, 0, "list client tokens", "Tokens and other credentials of clients, in the order of their creation, also those that have ended", rest.Handle(p.listTokens), nil},
		{"POST", path + "/tokens", scope, 201, 0, "create client token", "Make a credential of a client; its secret is shown once", rest.Handle(p.createToken), codes("uniqueness")},
		{"GET", path + "/tokens/{tokenId}", scope, 200, 0, "get client token", "A credential of a client", rest.Handle(p.getToken), nil},
		{"POST", path + "/tokens/{tokenId}/rotate", scope, 201, 0, "rotate client token", "Make one that takes the place of another, which ends some time later; its secret is shown once", rest.Handle(p.rotateToken), codes("uniqueness")},
		{"DELETE", path + "/tokens/{tokenId}", scope, 204, 0, "revoke client token", "End a credential at once and for good", rest.Handle(p.revokeToken), nil},
		{"GET", path + "/audit", scope, 200, 0, "read audit", "Who did what in the account and with it, where from and with which outcome, refusals included; as JSON, or one record in a line", rest.Handle(p.accountAudit), nil},
	}
}

func (p *Platform) serverRoutes() []route {
	const scope = auth.PlatformAdmin
	return []route{
		{"GET", "/audit", scope, 200, 0, "read audit of server", "Who did what with accounts and tokens, of all accounts; what happened inside of one is in its own audit", rest.Handle(p.serverAudit), nil},
		{"GET", "/signing-keys", scope, 200, 0, "list signing keys", "Keys of access tokens, the oldest first", rest.Handle(p.listKeys), nil},
		{"POST", "/signing-keys/rotate", scope, 200, 0, "rotate signing keys", "Sign with another key from now on; done by itself from time to time", rest.Handle(p.rotateKeys), nil},
	}
}

func codes(list ...rest.Code) []rest.Code { return list }
