package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"roster/auth"
	"roster/auth/registry"
	"roster/cmd/internal/admin"
)

type tokenCommands struct {
	Create createTokenCommand `cmd:"" help:"Make a token and print it."`
	List   listTokensCommand  `cmd:"" help:"List the tokens of an account, without their secrets."`
	Revoke revokeTokenCommand `cmd:"" help:"End a token for good, at once."`
}

type createTokenCommand struct {
	connection
	output
	Account string       `required:"" placeholder:"NAME" help:"Account that the token opens."`
	Scope   []auth.Scope `default:"scim" help:"What may be done with it, separated by commas: scim for a connector, scim:read for one that only reads."`
	Name    string       `default:"connector" help:"What to call it, such as the client that uses it."`
	User    string       `placeholder:"ID" help:"Id of the user whom the token belongs to, and who is /Me for it."`
	Expires lifetime     `default:"365d" placeholder:"TIME" help:"How long it works, such as 90d or 12h, at most 730d; 365d unless set."`
}

func (createTokenCommand) Help() string {
	return `The token is printed this once; the server keeps only a hash of it. It starts with
"roster_", so that scanners for leaked secrets can find it.`
}

func (c *createTokenCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		t, err := conn.CreateToken(ctx, admin.NewToken{
			Account: c.Account, Name: c.Name, Scopes: c.Scope, User: c.User, Lifetime: time.Duration(c.Expires),
		})
		if err != nil {
			return err
		}
		env.tell("made token %s for account %s, good for %s until %s; it is shown only this once",
			t.ID, t.Account, scopesText(t.Scopes), t.Expires.Format(time.DateOnly))
		return c.show(env, t, [][]string{{t.Secret}})
	})
}

type listTokensCommand struct {
	connection
	output
	Account string `required:"" placeholder:"NAME" help:"Account whose tokens to list."`
}

func (c *listTokensCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		tokens, err := conn.ListTokens(ctx, c.Account)
		if err != nil {
			return err
		}
		table := [][]string{{"ID", "NAME", "SCOPES", "STATE", "EXPIRES", "LAST USED"}}
		for _, t := range tokens {
			table = append(table, []string{
				t.ID, t.Name, scopesText(t.Scopes), state(t, time.Now()),
				t.Expires.Format(time.DateOnly), lastUse(t),
			})
		}
		return c.show(env, tokens, table)
	})
}

type revokeTokenCommand struct {
	connection
	ID string `arg:"" help:"Id of the token, as \"roster token list\" shows it."`
}

func (c *revokeTokenCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		if err := conn.RevokeToken(ctx, c.ID); err != nil {
			return err
		}
		env.tell("revoked token %s", c.ID)
		return nil
	})
}

// lifetime is a time that does not end at once.
type lifetime time.Duration

// UnmarshalText takes what settings of an account take, such as 365d or 12h.
func (l *lifetime) UnmarshalText(text []byte) error {
	var d registry.Duration
	if err := d.UnmarshalText(text); err != nil || d == 0 {
		return fmt.Errorf("%q is no time: write it like 90d or 12h", text)
	}
	*l = lifetime(d)
	return nil
}

func scopesText(scopes []auth.Scope) string {
	list := make([]string, len(scopes))
	for i, s := range scopes {
		list[i] = string(s)
	}
	return strings.Join(list, ",")
}

func state(t admin.Token, now time.Time) string {
	switch {
	case !t.Revoked.IsZero():
		return "revoked"
	case !now.Before(t.Expires):
		return "expired"
	}
	return "active"
}

func lastUse(t admin.Token) string {
	if t.LastUsed.IsZero() {
		return "never"
	}
	return t.LastUsed.Format(time.RFC3339)
}
