package main

import (
	"context"
	"time"

	"roster/cmd/internal/admin"
)

type keyCommands struct {
	List   listKeysCommand  `cmd:"" help:"List the keys."`
	Rotate rotateKeyCommand `cmd:"" help:"Make a new key, which signs from now on."`
}

func (keyCommands) Help() string {
	return `The token endpoint signs access tokens with keys that it makes itself and changes every 30
days; /oauth2/jwks publishes their public halves. Nothing needs to be done, unless a key may
have leaked.`
}

type listKeysCommand struct {
	connection
	output
}

func (c *listKeysCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		keys, err := conn.ListKeys(ctx)
		if err != nil {
			return err
		}
		table := [][]string{{"ID", "STATE", "CREATED"}}
		for _, k := range keys {
			table = append(table, []string{k.ID, k.State, k.Created.Format(time.RFC3339)})
		}
		return c.show(env, keys, table)
	})
}

type rotateKeyCommand struct {
	connection
	Drop bool `help:"End the old keys at once, and with them all access tokens that they signed."`
}

func (c *rotateKeyCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		if err := conn.RotateKey(ctx, admin.KeyRotation{Drop: c.Drop}); err != nil {
			return err
		}
		if c.Drop {
			env.tell("a new key signs from now on; all access tokens have ended, and clients get new ones")
		} else {
			env.tell("a new key signs from now on; access tokens of the old ones work until they expire")
		}
		return nil
	})
}
