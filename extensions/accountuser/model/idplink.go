package model

import (
	"context"
	"net/http"

	"roster/scim"
	"roster/scim/provider"
)

// RemoveIdPLink removes an identity of the user at an identity provider: the pair
// of the provider's id and the user's id there. Unless it is forced, the user
// keeps a way in: a password, a passkey or another link.
func (u *Users) RemoveIdPLink(ctx context.Context, c provider.Call, id, idp, externalUserID string, force bool, pre provider.Precondition) (View, error) {
	return u.Edit(ctx, c, id, "user.idpLink.removed", pre, func(_ context.Context, d *Draft) error {
		var kept []scim.Value
		links := d.A("idpLinks")
		for _, e := range links.Elements() {
			if e.Get("value").Text() != idp || e.Get("externalUserId").Text() != externalUserID {
				kept = append(kept, e)
			}
		}
		switch {
		case len(kept) == links.Len():
			return Refuse(http.StatusNotFound, NotFound, "the user has no such identity at an identity provider")
		case len(kept) == 0 && !force && !d.A("passwordSet").Bool() && !d.HasPasskey():
			return Refuse(http.StatusConflict, OnlyWayIn, "the user has no other way in; set a password or a passkey first, or force it")
		}
		d.View = d.With("idpLinks", list(kept))
		return nil
	})
}
