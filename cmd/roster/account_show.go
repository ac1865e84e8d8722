package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"roster/auth/registry"
	"roster/cmd/internal/admin"
)

type showAccountCommand struct {
	connection
	output
	Name string `arg:"" help:"Name of the account."`
}

func (showAccountCommand) Help() string {
	return `Prints what the settings come to, and which of them are defaults. With --json it prints
what is set, as "roster account set --file" takes it back; the secrets of webhooks are
hidden there, and stay as they are when they are taken back.`
}

func (c *showAccountCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		a, err := conn.ShowAccount(ctx, c.Name)
		if err != nil {
			return err
		}
		table, err := accountTable(a)
		if err != nil {
			return err
		}
		return c.show(env, a, table)
	})
}

func accountTable(a admin.Account) (table [][]string, err error) {
	effective, err := a.Resolve()
	if err != nil {
		return nil, err
	}
	table = [][]string{
		{"name", a.Name},
		{"id", a.ID},
		{"profile", effective.Profile.Name},
		{"created", a.Created.Format(time.RFC3339)},
		{"state", strings.TrimSpace(stateOf(a) + " " + since(a))},
	}
	table = append(table, settingRows("switch", a.Switches)...)
	table = append(table, settingRows("limit", a.Limits)...)
	table = append(table, []string{"mail domains", cmp.Or(strings.Join(a.MailDomains, ", "), "any")})
	table = append(table, policyRows(a.Policy, effective.Policy)...)
	table = append(table, trafficRows(a.Traffic, effective.Traffic)...)
	table = append(table, [][]string{
		{"max token lifetime", marked(a.Tokens.MaxLifetime, effective.Tokens.MaxLifetime)},
		{"max token overlap", marked(a.Tokens.MaxOverlap, effective.Tokens.MaxOverlap)},
		{"access token lifetime", marked(a.Tokens.AccessTokenLifetime, effective.Tokens.AccessTokenLifetime)},
	}...)
	table = append(table, []string{"default roles", cmp.Or(strings.Join(a.DefaultRoles, ", "), "none")})
	table = append(table, []string{"language", marked(a.Language, effective.Language)})
	return append(table, optionalRows(a.Settings)...), nil
}

// since is since when an account is disabled.
func since(a admin.Account) string {
	if a.Disabled.IsZero() {
		return ""
	}
	return "since " + a.Disabled.Format(time.RFC3339)
}

func policyRows(set, effective registry.Policy) [][]string {
	return [][]string{
		{"invitation lifetime", marked(set.InvitationLifetime, effective.InvitationLifetime)},
		{"verification lifetime", marked(set.VerificationLifetime, effective.VerificationLifetime)},
		{"reset lifetime", marked(set.ResetLifetime, effective.ResetLifetime)},
		{"password min", marked(set.PasswordMin, effective.PasswordMin)},
		{"max failed logins", marked(set.MaxFailedLogins, effective.MaxFailedLogins)},
		{"retain removed", marked(set.RetainRemoved, effective.RetainRemoved)},
		{"retain audit", marked(set.RetainAudit, effective.RetainAudit)},
	}
}

func trafficRows(set, effective registry.Traffic) [][]string {
	return [][]string{
		{"token rate", marked(set.TokenRate, effective.TokenRate)},
		{"token burst", marked(set.TokenBurst, effective.TokenBurst)},
		{"rate", marked(set.Rate, effective.Rate)},
		{"burst", marked(set.Burst, effective.Burst)},
		{"concurrency", marked(set.Concurrency, effective.Concurrency)},
	}
}

// optionalRows are those of settings that have no default, where they are set.
func optionalRows(s registry.Settings) (rows [][]string) {
	for _, row := range [][]string{
		{"country", s.Country},
		{"currency", s.Currency},
		{"timezone", s.Timezone},
		{"contact name", s.Contact.Name},
		{"contact email", s.Contact.Email},
		{"contact phone", s.Contact.Phone},
		{"link invitation", s.Links.Invitation},
		{"link verification", s.Links.Verification},
		{"link passwordReset", s.Links.PasswordReset},
		{"link passkey", s.Links.Passkey},
	} {
		if row[1] != "" {
			rows = append(rows, row)
		}
	}
	for _, role := range slices.Sorted(maps.Keys(s.RoleScopes)) {
		rows = append(rows, []string{"role " + role, scopesText(s.RoleScopes[role])})
	}
	if s.ProtectRoles {
		rows = append(rows, []string{"protect roles", "yes"})
	}
	for _, w := range s.Webhooks {
		rows = append(rows, []string{"webhook " + w.URL, cmp.Or(strings.Join(w.Events, ", "), "all events")})
	}
	for _, i := range s.Issuers {
		rows = append(rows, []string{"issuer " + i.URL, i.Audience})
	}
	return rows
}

// marked is the effective value, marked where it is a default.
func marked[T comparable](set, effective T) string {
	var unset T
	if set == unset {
		return fmt.Sprint(effective) + " (default)"
	}
	return fmt.Sprint(effective)
}
