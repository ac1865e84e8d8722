package platform

import (
	"net/http"

	"roster/auth"
	"roster/auth/registry"
	"roster/extensions/rest"
)

// mayGrant decides whether somebody in an account may let others do what these
// scopes allow: nobody gives what one has not oneself, and the platform is nothing
// that an account has to give.
func mayGrant(by *auth.Principal, scopes []auth.Scope) error {
	for _, scope := range scopes {
		if scope == auth.PlatformAdmin {
			return rest.Refuse(http.StatusForbidden, "operator_only", "%s is no account's to give; only the admin API does", scope)
		}
		for _, needed := range comesTo(scope) {
			if !by.Has(needed) {
				return rest.Lacking(needed, "giving "+string(scope))
			}
		}
	}
	return nil
}

// mayMake decides whether somebody in an account may make a credential. A name in
// certificates is one of all accounts, so an account could take that of another.
func mayMake(by *auth.Principal, scopes []auth.Scope, c registry.Certificate) error {
	if c.Name != "" {
		return rest.Refuse(http.StatusForbidden, "operator_only", "whose certificate has a name, only whoever runs the server can say; give the fingerprint of the certificate instead")
	}
	return mayGrant(by, scopes)
}

// comesTo lists the scopes that one comes to. What the roles of a user allow may
// be all that an administrator may do, now or later.
func comesTo(scope auth.Scope) []auth.Scope {
	switch scope {
	case auth.SCIM:
		return []auth.Scope{auth.SCIMRead, auth.SCIMWrite}
	case auth.Roles:
		return auth.AdministratorScopes()
	}
	return []auth.Scope{scope}
}
