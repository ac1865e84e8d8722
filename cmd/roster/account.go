package main

import (
	"context"
	"time"

	"roster/cmd/internal/admin"
)

type accountCommands struct {
	Create createAccountCommand `cmd:"" help:"Make an account."`
	List   listAccountsCommand  `cmd:"" help:"List all accounts."`
	Show   showAccountCommand   `cmd:"" help:"Show an account and its settings."`
}

type createAccountCommand struct {
	connection
	output
	Name    string `arg:"" help:"1 to 63 lower-case letters, digits and -."`
	Profile string `default:"default" enum:"default,strict" help:"How clients are treated: default takes what Okta, Entra ID and others really send, strict holds them to the text of the RFCs, and wants a path in every PATCH operation and roles that the server knows."`
}

func (c *createAccountCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, orCreate, func(conn *admin.Conn) error {
		account, err := conn.CreateAccount(ctx, admin.NewAccount{Name: c.Name, Profile: c.Profile})
		if err != nil {
			return err
		}
		env.tell("made account %s; next: roster token create --account %s --data %s", account.Name, account.Name, c.Data)
		return c.show(env, account, [][]string{{account.ID}})
	})
}

type listAccountsCommand struct {
	connection
	output
}

func (c *listAccountsCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		accounts, err := conn.ListAccounts(ctx)
		if err != nil {
			return err
		}
		table := [][]string{{"NAME", "ID", "PROFILE", "CREATED"}}
		for _, a := range accounts {
			table = append(table, []string{a.Name, a.ID, a.Profile, a.Created.Format(time.RFC3339)})
		}
		return c.show(env, accounts, table)
	})
}

type showAccountCommand struct {
	connection
	output
	Name string `arg:"" help:"Name of the account."`
}

func (c *showAccountCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		a, err := conn.ShowAccount(ctx, c.Name)
		if err != nil {
			return err
		}
		table := [][]string{
			{"name", a.Name},
			{"id", a.ID},
			{"profile", a.Profile},
			{"created", a.Created.Format(time.RFC3339)},
		}
		table = append(table, settingRows("switch", a.Switches)...)
		table = append(table, settingRows("limit", a.Limits)...)
		return c.show(env, a, table)
	})
}
