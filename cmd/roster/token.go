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
	Rotate rotateTokenCommand `cmd:"" help:"Make a token in the place of one, which works on for a while."`
	Revoke revokeTokenCommand `cmd:"" help:"End a token for good, at once."`
}

type createTokenCommand struct {
	connection
	output
	grantFlags
	Name string `default:"connector" help:"What to call it, such as the client that uses it."`
}

func (createTokenCommand) Help() string {
	return `The token is printed this once; the server keeps only a hash of it. It starts with
"roster_", so that scanners for leaked secrets can find it.`
}

func (c *createTokenCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		t, err := conn.CreateToken(ctx, admin.NewToken{
			Account: c.Account, Name: c.Name, Scopes: c.Scope, User: c.User, Domain: c.Domain, Lifetime: time.Duration(c.Expires),
		})
		if err != nil {
			return err
		}
		env.tell("made token %s for account %s, good for %s until %s; it is shown only this once",
			t.ID, t.Account, scopesText(t.Scopes), when(t.Expires))
		return c.show(env, t, [][]string{{t.Secret}})
	})
}

type listTokensCommand struct {
	connection
	output
	Account string `required:"" placeholder:"NAME" help:"Account whose tokens to list."`
}

func (c *listTokensCommand) Run(ctx context.Context, env environment) error {
	return listTokens(ctx, env, c.connection, c.output, c.Account, func(t admin.Token) bool { return t.Form == registry.FormBearer })
}

// listTokens lists the credentials of an account that are wanted.
func listTokens(ctx context.Context, env environment, data connection, out output, account string, wanted func(admin.Token) bool) error {
	return data.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		all, err := conn.ListTokens(ctx, account)
		if err != nil {
			return err
		}
		list := []admin.Token{}
		table := [][]string{{"ID", "CLIENT_ID", "NAME", "FORM", "STATE", "EXPIRES", "LAST USED", "DOMAIN", "USER", "SCOPES"}}
		for _, t := range all {
			if !wanted(t) {
				continue
			}
			list = append(list, t)
			table = append(table, []string{
				t.ID, clientID(t), t.Name, formOf(t), state(t, time.Now()), when(t.Expires), lastUse(t), t.Domain, t.User, scopesText(t.Scopes),
			})
		}
		return out.show(env, list, shortened(table))
	})
}

type rotateTokenCommand struct {
	connection
	output
	rotationFlags
}

func (rotateTokenCommand) Help() string {
	return `The new token has the name, scopes, user and domain of the old one, and is printed this once.
It ends as long after this as the old one did after it was made, unless --expires says when.`
}

func (c *rotateTokenCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		t, err := conn.RotateToken(ctx, c.rotation())
		if err != nil {
			return err
		}
		env.tellRotated(t)
		return c.show(env, t, clientRows(t.IssuedToken))
	})
}

type revokeTokenCommand struct {
	connection
	ID string `arg:"" help:"Id of the credential, as list shows it."`
}

func (c *revokeTokenCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		if err := conn.RevokeToken(ctx, c.ID); err != nil {
			return err
		}
		env.tell("revoked %s; what it opened is closed", c.ID)
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
	case t.ReplacedBy != "":
		return "replaced"
	}
	return "active"
}

func lastUse(t admin.Token) string {
	if t.LastUsed.IsZero() {
		return "never"
	}
	return when(t.LastUsed)
}

// clientID is what the token endpoint knows a client by, where that is not the id of
// its credential.
func clientID(t admin.Token) string {
	if t.ClientID == t.ID || t.Form == registry.FormBearer || t.Form == registry.FormCertificate {
		return ""
	}
	return t.ClientID
}

// formOf tells clients by what they show. Tokens of token list are all of one form.
func formOf(t admin.Token) string {
	if t.Form == registry.FormBearer {
		return ""
	}
	return string(t.Form)
}
