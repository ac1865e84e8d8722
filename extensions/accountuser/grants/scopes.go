package grants

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"roster/auth"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// Scopes lists what the roles of a user allow at this server. The role
// [Administrator] allows all that is the account's own; of other roles the settings
// of the account say what they allow, but never more than that. They count whether
// the user has them itself, through groups or in other roles, unless the settings
// protect them: then only what the user has itself counts. Roles in an org unit are
// for that unit, and allow nothing here.
//
// Who has more roles than are looked at (scim.Limits.GroupClosure) is allowed what
// administrators are, if one, and else nothing. Whether the user is active is for
// the caller to see.
func (g *Grants) Scopes(ctx context.Context, s storage.Snapshot, settings model.Settings, c provider.Call, user *storage.Document) ([]auth.Scope, error) {
	own := model.Of(query.Resource(user)).Roles()
	if holds(own, Administrator) {
		return auth.AdministratorScopes(), nil
	}
	if len(settings.RoleScopes) == 0 {
		return nil, nil
	}
	counting, err := countingRoles(ctx, s, settings, c, user)
	if errors.Is(err, storage.ErrTooMany) {
		return nil, nil
	}
	var allowed []auth.Scope
	for role, scopes := range settings.RoleScopes {
		if holds(counting, schema.Fold(role)) {
			allowed = append(allowed, scopes...)
		}
	}
	slices.Sort(allowed)
	return slices.DeleteFunc(slices.Compact(allowed), beyondAccount), err
}

// countingRoles lists the roles that exist and are supported, of which a user may
// be allowed something, by value.
func countingRoles(ctx context.Context, s storage.Snapshot, settings model.Settings, c provider.Call, user *storage.Document) ([]string, error) {
	if settings.ProtectRoles {
		m := &meaning{ctx: ctx, s: s, values: map[string]string{}}
		return m.of(model.Of(query.Resource(user)).Roles()), m.err
	}
	return effectiveRoles(ctx, s, c, user)
}

// beyondAccount reports whether a scope is more than an administrator has, so that
// no setting of an account can give it.
func beyondAccount(s auth.Scope) bool {
	return s != auth.SCIM && !slices.Contains(auth.AdministratorScopes(), s)
}

// checkProtected lets only callers who may write the account give a role that
// allows something, if the account protects such roles. Taking one away is free,
// and so is what the server does by itself.
func checkProtected(ctx context.Context, _ storage.Snapshot, c *provider.Change) error {
	settings, caller := model.SettingsFrom(ctx), auth.PrincipalFrom(ctx)
	if !settings.ProtectRoles || caller == nil || caller.Has(auth.AccountWrite) {
		return nil
	}
	for _, role := range gained(model.Of(c.Before).Roles(), model.Of(c.After).Roles()) {
		if allowsSomething(settings, schema.Fold(role)) {
			return model.Refuse(http.StatusForbidden, model.InsufficientScope,
				"the account protects roles that allow something at this server; giving one takes the scope %s", auth.AccountWrite)
		}
	}
	return nil
}

func allowsSomething(settings model.Settings, folded string) bool {
	for role := range settings.RoleScopes {
		if schema.Fold(role) == folded {
			return true
		}
	}
	return folded == Administrator
}
