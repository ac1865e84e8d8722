package grants

import (
	"context"
	"errors"

	"roster/extensions"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// Found gives an account the role of administrators, unless it has it.
func (g *Grants) Found(ctx context.Context, h extensions.Host, account storage.Account) error {
	there := false
	err := h.Store.View(ctx, account, func(s storage.Snapshot) error {
		d, err := roles.find(ctx, s, Administrator)
		there = d != nil
		return err
	})
	if err != nil || there {
		return err
	}
	call := provider.Call{
		Account: account,
		Profile: scim.DefaultProfile(),
		Limits:  scim.DefaultLimits(),
		Actor:   provider.Actor{ID: "roster", Name: "the server"},
		Source:  "server",
	}
	_, err = h.Provider.Edit(ctx, call, h.Type(model.Role), "", provider.Edit{Way: provider.Create, Action: "role.founded",
		Compute: func(context.Context, storage.Snapshot, *storage.Document, scim.Resource) (scim.Resource, provider.Along, error) {
			return scim.ObjectValue(
				scim.Member{Name: "value", Value: scim.StringValue(Administrator)},
				scim.Member{Name: "display", Value: scim.StringValue("Account administrator")},
			), provider.Along{}, nil
		}})
	var refusal *scim.Error
	if errors.As(err, &refusal) && refusal.Type == scim.Uniqueness {
		return nil // somebody else did it meanwhile
	}
	return err
}
