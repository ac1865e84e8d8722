package platform

import (
	"context"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"roster/auth"
	"roster/auth/federation"
	"roster/auth/registry"
	"roster/extensions/rest"
)

func (p *Platform) getSettings(ctx context.Context, q *rest.Request, in inAccount) (registry.Settings, error) {
	a, err := p.account(ctx, q, in)
	return a.Settings, err
}

func (p *Platform) changeSettings(ctx context.Context, q *rest.Request, in struct {
	inAccount
	Body rest.Merge[registry.Settings]
}) (registry.Settings, error) {
	return p.set(ctx, q, in.inAccount, in.Body.Into)
}

func (p *Platform) replaceSettings(ctx context.Context, q *rest.Request, in struct {
	inAccount
	Body registry.Settings
}) (registry.Settings, error) {
	return p.set(ctx, q, in.inAccount, func(registry.Settings) (registry.Settings, error) { return in.Body, nil })
}

// set gives an account what change makes of its settings.
func (p *Platform) set(ctx context.Context, q *rest.Request, in inAccount, change func(registry.Settings) (registry.Settings, error)) (registry.Settings, error) {
	a, err := p.account(ctx, q, in)
	if err != nil {
		return registry.Settings{}, err
	}
	a, err = p.Registry.UpdateAccount(ctx, a.ID, func(s *registry.Settings) error {
		next, err := change(*s)
		if err == nil && in.isOwn() {
			err = maySet(q.Principal, *s, next)
		}
		*s = next
		return err
	})
	return a.Settings, refused(err)
}

// maySet decides what an administrator of an account may change of its settings.
func maySet(by *auth.Principal, before, after registry.Settings) error {
	if name := operatorSetting(before, after); name != "" {
		return rest.Refuse(http.StatusForbidden, "operator_only", "%s protects the server; ask whoever runs it to change it", name)
	}
	if !slices.Equal(before.DefaultRoles, after.DefaultRoles) && !by.Has(auth.UserWrite) {
		return rest.Lacking(auth.UserWrite, "a change of defaultRoles")
	}
	for _, issuer := range after.Issuers {
		same := func(other federation.Issuer) bool { return reflect.DeepEqual(issuer, other) }
		if slices.ContainsFunc(before.Issuers, same) {
			continue
		}
		for _, grant := range issuer.Scopes {
			if err := mayGrant(by, grant.Grants); err != nil {
				return err
			}
		}
	}
	return nil
}

// operatorSetting names a setting that differs and is not for the account itself to
// change: what it may ask of the server, and how long it is kept who did what.
func operatorSetting(before, after registry.Settings) string {
	switch {
	case !maps.Equal(before.Limits, after.Limits):
		return "limits"
	case before.Traffic != after.Traffic:
		return "traffic"
	case before.Policy.RetainAudit != after.Policy.RetainAudit:
		return "policy.retainAudit"
	}
	return ""
}
