package platform

import (
	"net/http"
	"net/url"

	"roster/auth"
	"roster/auth/receiver"
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
func mayMake(by *auth.Principal, scopes []auth.Scope, p proof) error {
	if p.Certificate.Name != "" {
		return rest.Refuse(http.StatusForbidden, "operator_only", "whose certificate has a name, only whoever runs the server can say; give the fingerprint of the certificate instead")
	}
	if err := mayReach(p.Federated.Issuer); err != nil {
		return err
	}
	return mayGrant(by, scopes)
}

// mayReach decides whether somebody in an account may let the server send requests
// to a URL: not into its own network. Where a name leads is asked when it is dialled
// (see package outgoing).
func mayReach(to string) error {
	u, err := url.Parse(to)
	if err != nil || !receiver.IsInternal(u.Hostname()) { // what is no URL is refused elsewhere
		return nil
	}
	return rest.Refuse(http.StatusForbidden, "operator_only", "%.100q is in the network of the server, which only whoever runs it can let it send to; ask there, or name a host that is public", u.Hostname())
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
