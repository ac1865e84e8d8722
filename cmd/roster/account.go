package main

import (
	"context"
	"fmt"
	"time"

	"roster/cmd/internal/admin"
)

type accountCommands struct {
	Create  createAccountCommand  `cmd:"" help:"Make an account."`
	List    listAccountsCommand   `cmd:"" help:"List all accounts."`
	Show    showAccountCommand    `cmd:"" help:"Show an account and its settings."`
	Set     setAccountCommand     `cmd:"" help:"Change the settings of an account."`
	Disable disableAccountCommand `cmd:"" help:"Let nobody into an account for the time being."`
	Enable  enableAccountCommand  `cmd:"" help:"Let those into an account again who may."`
	Delete  deleteAccountCommand  `cmd:"" help:"Remove an account with everything in it, for good."`
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
	Deleted bool `help:"List the accounts that were deleted instead."`
}

func (c *listAccountsCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		if c.Deleted {
			return c.deleted(ctx, env, conn)
		}
		accounts, err := conn.ListAccounts(ctx)
		if err != nil {
			return err
		}
		table := [][]string{{"NAME", "ID", "PROFILE", "STATE", "CREATED"}}
		for _, a := range accounts {
			effective, err := a.Resolve()
			if err != nil {
				return err
			}
			table = append(table, []string{a.Name, a.ID, effective.Profile.Name, stateOf(a), a.Created.Format(time.RFC3339)})
		}
		return c.show(env, accounts, table)
	})
}

func (c *listAccountsCommand) deleted(ctx context.Context, env environment, conn *admin.Conn) error {
	accounts, err := conn.ListDeletedAccounts(ctx)
	if err != nil {
		return err
	}
	table := [][]string{{"NAME", "ID", "CREATED", "DELETED"}}
	for _, a := range accounts {
		deleted := "not all is gone yet"
		if !a.Deleted.IsZero() {
			deleted = a.Deleted.Format(time.RFC3339)
		}
		table = append(table, []string{a.Name, a.ID, a.Created.Format(time.RFC3339), deleted})
	}
	return c.show(env, accounts, table)
}

func stateOf(a admin.Account) string {
	if a.Disabled.IsZero() {
		return "enabled"
	}
	return "disabled"
}

type disableAccountCommand struct {
	connection
	Name string `arg:"" help:"Name of the account."`
}

func (c *disableAccountCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		a, err := conn.SetAccountState(ctx, admin.AccountState{Account: c.Name, Disabled: true})
		if err == nil {
			env.tell("disabled account %s; its clients get 403 from now on", a.Name)
		}
		return err
	})
}

type enableAccountCommand struct {
	connection
	Name string `arg:"" help:"Name of the account."`
}

func (c *enableAccountCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		a, err := conn.SetAccountState(ctx, admin.AccountState{Account: c.Name})
		if err == nil {
			env.tell("enabled account %s", a.Name)
		}
		return err
	})
}

type deleteAccountCommand struct {
	connection
	Name    string `arg:"" help:"Name of the account."`
	Confirm string `placeholder:"NAME" help:"The name once more, because there is no way back but a backup."`
}

func (deleteAccountCommand) Help() string {
	return `Its tokens end at once. Users, groups and everything else in the account are removed, also
their secrets and messages; its name can be used again. The audit of the account stays for as
long as the account wanted it to: see "roster audit".`
}

func (c *deleteAccountCommand) Run(ctx context.Context, env environment) error {
	if c.Confirm != c.Name {
		return fmt.Errorf("nothing was deleted: there is no way back but a backup, so say the name once more, with --confirm %s", c.Name)
	}
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		err := conn.DeleteAccount(ctx, c.Name)
		if err == nil {
			env.tell("deleted account %s with everything in it; its audit is kept", c.Name)
		}
		return err
	})
}
