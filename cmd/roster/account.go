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
	Set    setAccountCommand    `cmd:"" help:"Change the settings of an account."`
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
			effective, err := a.Resolve()
			if err != nil {
				return err
			}
			table = append(table, []string{a.Name, a.ID, effective.Profile.Name, a.Created.Format(time.RFC3339)})
		}
		return c.show(env, accounts, table)
	})
}
