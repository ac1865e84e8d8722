package platform

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

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
		return rest.Refuse(http.StatusForbidden, "operator_only", "%s is set by whoever runs the server; ask there, and leave it as it is", name)
	}
	if !slices.Equal(before.DefaultRoles, after.DefaultRoles) && !by.Has(auth.UserWrite) {
		return rest.Lacking(auth.UserWrite, "a change of defaultRoles")
	}
	if before.ProtectRoles && !after.ProtectRoles {
		if err := mayGrant(by, []auth.Scope{auth.Roles}); err != nil {
			return err
		}
	}
	for role, scopes := range after.RoleScopes {
		added := slices.DeleteFunc(slices.Clone(scopes), func(s auth.Scope) bool { return slices.Contains(before.RoleScopes[role], s) })
		if err := mayGrant(by, added); err != nil {
			return err
		}
	}
	for _, url := range reached(after) {
		if slices.Contains(reached(before), url) {
			continue
		}
		if err := mayReach(url); err != nil {
			return err
		}
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

// reached lists the URLs that the server sends requests to.
func reached(s registry.Settings) (urls []string) {
	for _, w := range s.Webhooks {
		urls = append(urls, w.URL)
	}
	for _, i := range s.Issuers {
		urls = append(urls, i.URL)
	}
	return urls
}

// operatorSetting names a setting that differs and is not for the account itself to
// change, "" for none.
func operatorSetting(before, after registry.Settings) string {
	allowed, asked := reflect.ValueOf(withOwn(before, after)), reflect.ValueOf(after)
	for _, field := range reflect.VisibleFields(allowed.Type()) {
		a, b := allowed.FieldByIndex(field.Index), asked.FieldByIndex(field.Index)
		bothEmpty := a.Kind() == reflect.Map && a.Len()+b.Len() == 0
		if !bothEmpty && !reflect.DeepEqual(a.Interface(), b.Interface()) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			return name
		}
	}
	return ""
}

// withOwn takes over what an account changes by itself. All else is the operator's:
// what the account may ask of the server, how long it is kept who did what, and
// every setting that is still to come.
func withOwn(s, after registry.Settings) registry.Settings {
	retained := s.Policy.RetainAudit
	s.Policy = after.Policy
	s.Policy.RetainAudit = retained

	s.Profile, s.Switches, s.Tokens = after.Profile, after.Switches, after.Tokens
	s.MailDomains, s.DefaultRoles = after.MailDomains, after.DefaultRoles
	s.RoleScopes, s.ProtectRoles = after.RoleScopes, after.ProtectRoles
	s.Language, s.Country, s.Currency, s.Timezone = after.Language, after.Country, after.Currency, after.Timezone
	s.Contact, s.Links, s.Webhooks, s.Issuers = after.Contact, after.Links, after.Webhooks, after.Issuers
	return s
}
