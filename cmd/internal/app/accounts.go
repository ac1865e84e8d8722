package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"roster/auth"
	"roster/auth/registry"
	"roster/extensions/accountuser"
	"roster/extensions/accountuser/api"
	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// account looks up an account for a request or for work that is under way in it.
func (a *App) account(ctx context.Context, id string) (registry.Account, error) {
	account, err := a.registry.Account(ctx, id)
	if errors.Is(err, registry.ErrNotFound) {
		err = provider.ErrAccountDeleted
	}
	return account, err
}

// accountSettings looks up what an account wants of the account model.
func (a *App) accountSettings(ctx context.Context, id storage.Account) (model.Settings, error) {
	account, err := a.account(ctx, string(id))
	if err != nil {
		return model.Settings{}, err
	}
	links := account.Settings.Links
	return model.Settings{
		ID:                   account.ID,
		Name:                 account.Name,
		MailDomains:          account.Settings.MailDomains,
		InvitationLifetime:   time.Duration(account.Policy.InvitationLifetime),
		VerificationLifetime: time.Duration(account.Policy.VerificationLifetime),
		ResetLifetime:        time.Duration(account.Policy.ResetLifetime),
		PasswordMin:          account.Policy.PasswordMin,
		MaxFailedLogins:      account.Policy.MaxFailedLogins,
		RetainRemoved:        time.Duration(account.Policy.RetainRemoved),
		DefaultRoles:         account.Settings.DefaultRoles,
		RoleScopes:           account.Settings.RoleScopes,
		ProtectRoles:         account.Settings.ProtectRoles,
		Language:             account.Language,
		Timezone:             account.Settings.Timezone,
		Contact:              contactLine(account.Settings.Contact),
		Links: map[string]string{
			model.LinkInvitation:    links.Invitation,
			model.LinkVerification:  links.Verification,
			model.LinkPasswordReset: links.PasswordReset,
			model.LinkPasskey:       links.Passkey,
		},
	}, nil
}

// contactLine is whom the users of an account may ask, as messages say it.
func contactLine(c registry.Contact) string {
	told := slices.DeleteFunc([]string{c.Name, c.Email, c.Phone}, func(text string) bool { return text == "" })
	return strings.Join(told, ", ")
}

// describe tells callers what their account is like.
func (a *App) describe(ctx context.Context, id string) (api.Account, error) {
	account, err := a.account(ctx, id)
	s := account.Settings
	return api.Account{
		ID: account.ID, Name: account.Name, MailDomains: s.MailDomains, Language: account.Language,
		Country: s.Country, Currency: s.Currency, Timezone: s.Timezone,
		Contact: api.Contact{Name: s.Contact.Name, Email: s.Contact.Email, Phone: s.Contact.Phone},
	}, err
}

// webhooks lists where an account wants to be told of events.
func (a *App) webhooks(ctx context.Context, id storage.Account) ([]accountuser.Webhook, error) {
	account, err := a.account(ctx, string(id))
	if err != nil {
		return nil, err
	}
	var hooks []accountuser.Webhook
	for _, hook := range account.Settings.Webhooks {
		hooks = append(hooks, accountuser.Webhook{URL: hook.URL, Wants: hook.Wants})
	}
	return hooks, nil
}

// webhookSecret returns what an account signs with for one of its webhooks.
func (a *App) webhookSecret(ctx context.Context, id storage.Account, url string) (auth.Secret, error) {
	account, err := a.account(ctx, string(id))
	if errors.Is(err, provider.ErrAccountDeleted) {
		return "", storage.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	for _, hook := range account.Settings.Webhooks {
		if hook.URL == url {
			return hook.Secret, nil
		}
	}
	return "", storage.ErrNotFound
}

// accounts lists the ids of all accounts.
func (a *App) accounts(ctx context.Context) ([]storage.Account, error) {
	var all []storage.Account
	for after := ""; ; {
		page, err := a.registry.ListAccounts(ctx, after, 0)
		if err != nil || len(page) == 0 {
			return all, err
		}
		for _, account := range page {
			all = append(all, storage.Account(account.ID))
			after = account.Name
		}
	}
}
