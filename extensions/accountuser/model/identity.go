package model

import (
	"context"
	"slices"

	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// sources are the ways by which users come.
var sources = []string{"ui", SourceAPI, SourceSCIM, "jit", "invite", "import"}

// deriveIdentity sets what follows from who the user is: where it belongs, by
// which names it logs in, and what it logs in with.
func deriveIdentity(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	before, v := Of(c.Before), Of(c.After)
	links := v.A("idpLinks")
	if c.Way != provider.Create && overSCIM(c) && !links.Equal(before.A("idpLinks")) {
		return scim.BadRequest(scim.Mutability, "attribute %s:idpLinks can only be set when the user is created", UserURN)
	}
	subject := scim.Value{}
	if links.Len() > 0 {
		subject = links.At(0).Get("externalUserId")
	}
	name := v.Get("userName")
	c.After = v.
		With("accountId", scim.StringValue(string(c.Call.Account))).
		With("source", sourceOf(c, before, v)).
		With("identity", subject).
		With("ssoUser", scim.BoolValue(links.Len() > 0)).
		With("loginNames", scim.ArrayValue(name)).
		With("preferredLoginName", name).
		With("passwordSet", hasPassword(c)).Resource
	return nil
}

// sourceOf is the way by which the user came: what the verb says that makes it,
// else that of the call.
func sourceOf(c *provider.Change, before, after View) scim.Value {
	said := before.A("source")
	if c.Way == provider.Create {
		said = after.A("source")
	}
	switch {
	case !said.IsNull():
		return said
	case slices.Contains(sources, c.Call.Source):
		return scim.StringValue(c.Call.Source)
	}
	return scim.StringValue(SourceSCIM)
}

// IsSSOOnly reports whether the user logs in through an identity provider and by
// nothing else that the account knows.
func (v View) IsSSOOnly() bool {
	return v.A("ssoUser").Bool() && !v.A("passwordSet").Bool() && !v.HasPasskey()
}

// HasPasskey reports whether the user has a passkey that is ready.
func (v View) HasPasskey() bool {
	for _, e := range v.A("authFactors").Elements() {
		if e.Get("type").Text() == "passkey" && e.Get("state").Text() == "ready" {
			return true
		}
	}
	return false
}
