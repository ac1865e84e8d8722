package main

import (
	"context"
	"time"

	"roster/auth/registry"
	"roster/cmd/internal/admin"
)

type clientCommands struct {
	Create createClientCommand `cmd:"" help:"Make a client of the token endpoint, or one with a certificate."`
	List   listClientsCommand  `cmd:"" help:"List the clients of an account, without their secrets."`
	Rotate rotateClientCommand `cmd:"" help:"Give a client a new secret, key or certificate; the old one works on for a while."`
	Revoke revokeTokenCommand  `cmd:"" help:"End a credential of a client for good, at once; also the access tokens that it got."`
}

func (clientCommands) Help() string {
	return `A client gets short-lived access tokens at /oauth2/token by the client credentials grant
(RFC 6749 section 4.4): with a secret, with assertions that its own key signs, or with those
of an issuer that it is federated with (RFC 7523). Or it shows a certificate when it
connects, and needs no token. What it may do, until when and for whom is as for a token.`
}

type createClientCommand struct {
	connection
	output
	grantFlags
	Name string `required:"" help:"What to call it, such as the system that uses it."`
	proof
}

func (createClientCommand) Help() string {
	return `Prints the client_id and, unless the client proves itself by a key, an issuer or a
certificate, the client_secret: this once, for the server keeps only a hash of it. Both go to
the token endpoint, /oauth2/token. The client_id stays the same when the secret is rotated.`
}

func (c *createClientCommand) Run(ctx context.Context, env environment) error {
	m, err := c.read()
	if err != nil {
		return err
	}
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		t, err := conn.CreateToken(ctx, admin.NewToken{
			Account: c.Account, Form: m.form, Name: c.Name, Scopes: c.Scope, User: c.User, Domain: c.Domain,
			Lifetime: time.Duration(c.Expires), Key: m.key, Federated: m.federated, Certificate: m.certificate,
		})
		if err != nil {
			return err
		}
		env.tell("made client %s for account %s, good for %s until %s; %s", t.Name, t.Account, scopesText(t.Scopes), when(t.Expires), shownTo(t.Token))
		return c.show(env, t, clientRows(t))
	})
}

// shownTo says where a client shows what it has.
func shownTo(t admin.Token) string {
	switch {
	case t.Certificate.Name != "":
		return "a server with --tls-client-ca takes its certificate"
	case t.Form == registry.FormCertificate:
		return "a server with --tls-client-certs or --tls-client-ca takes its certificate"
	}
	return "it gets access tokens at /oauth2/token"
}

// clientRows is what a client is configured with.
func clientRows(t admin.IssuedToken) [][]string {
	switch t.Form {
	case registry.FormBearer:
		return [][]string{{t.Secret}}
	case registry.FormCertificate:
		return [][]string{{"id: " + t.ID}}
	case registry.FormKey:
		return [][]string{{"client_id: " + t.ClientID}, {"kid: " + t.KeyID}}
	case registry.FormSecret:
		return [][]string{{"client_id: " + t.ClientID}, {"client_secret: " + t.ClientSecret}}
	}
	return [][]string{{"client_id: " + t.ClientID}}
}

type listClientsCommand struct {
	connection
	output
	Account string `required:"" placeholder:"NAME" help:"Account whose clients to list."`
}

func (listClientsCommand) Help() string {
	return `A client has one credential, and one more with each rotation. Its client_id is the id of the
first, and shown with the others.`
}

func (c *listClientsCommand) Run(ctx context.Context, env environment) error {
	return listTokens(ctx, env, c.connection, c.output, c.Account, func(t admin.Token) bool { return t.Form != registry.FormBearer })
}

type rotateClientCommand struct {
	connection
	output
	rotationFlags
	proof
}

func (rotateClientCommand) Help() string {
	return `A new secret is printed this once. A client with a key needs the new one, by --public-key; one
with an issuer or a certificate keeps what it has unless the flag for it is given. A
certificate can only be one credential's: the old one ends at once if it stays the same.`
}

func (c *rotateClientCommand) Run(ctx context.Context, env environment) error {
	m, err := c.read()
	if err != nil {
		return err
	}
	r := c.rotation()
	switch m.form {
	case registry.FormKey:
		r.Key = m.key
	case registry.FormFederated:
		r.Federated = &m.federated
	case registry.FormCertificate:
		r.Certificate = &m.certificate
	}
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		t, err := conn.RotateToken(ctx, r)
		if err != nil {
			return err
		}
		env.tellRotated(t)
		return c.show(env, t, clientRows(t.IssuedToken))
	})
}
