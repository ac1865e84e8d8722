package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	_ "time/tzdata" // so that time zones are known on every machine

	"roster/auth/registry"
	"roster/cmd/internal/admin"
)

type setAccountCommand struct {
	connection
	Name string `arg:"" help:"Name of the account."`
	File string `placeholder:"FILE" help:"Replace all settings by those in a JSON file, - for stdin."`
	settingFlags
}

// settingFlags are the settings that have a flag. Their JSON has those that were
// given, and is merged into what is set.
type settingFlags struct {
	Profile     *string     `json:"profile,omitempty" placeholder:"NAME" help:"How clients are treated: default or strict, see \"roster account create --help\"."`
	MailDomain  []string    `json:"mailDomains,omitzero" placeholder:"DOMAIN" help:"Domain that mail addresses of users may have, such as example.com; its sub-domains are others. Repeat it for more: together they replace the present ones. With none, any will do."`
	DefaultRole []string    `json:"defaultRoles,omitzero" placeholder:"ROLE" help:"Role of new users for whom the account API names none. Repeat it for more: together they replace the present ones."`
	Language    *string     `json:"language,omitempty" placeholder:"TAG" help:"Language of messages to users who have none of their own, such as de-AT; en unless set."`
	Policy      policyFlags `embed:"" json:"policy,omitzero"`
}

type policyFlags struct {
	InvitationLifetime   *registry.Duration `json:"invitationLifetime,omitempty" placeholder:"TIME" help:"How long an invitation can be accepted, 1m to 365d; 7d unless set."`
	VerificationLifetime *registry.Duration `json:"verificationLifetime,omitempty" placeholder:"TIME" help:"How long a mail address or phone number can be verified with what was sent to it, 1m to 30d; 1d unless set."`
	ResetLifetime        *registry.Duration `json:"resetLifetime,omitempty" placeholder:"TIME" help:"How long a forgotten password can be set anew with what was sent, 1m to 7d; 1h unless set."`
	PasswordMin          *int               `json:"passwordMin,omitempty" placeholder:"N" help:"Least length of a password in characters, 8 to 64; 8 unless set. The most is always 72 bytes."`
	MaxFailedLogins      *int               `json:"maxFailedLogins,omitempty" placeholder:"N" help:"How many failed logins in a row lock a user, 1 to 100; 10 unless set."`
	RetainRemoved        *registry.Duration `json:"retainRemoved,omitempty" placeholder:"TIME" help:"How long a removed user can be restored before the rest of their data is purged, 1m to 3650d; 30d unless set."`
	RetainAudit          *registry.Duration `json:"retainAudit,omitempty" placeholder:"TIME" help:"How long the audit is kept, also when the account is deleted, 1d to 3650d; 730d unless set."`
}

func (setAccountCommand) Help() string {
	return `A flag changes one setting, and leaves the others alone; an empty value, or 0, goes back to
the default. --file replaces all settings: what the file does not name goes back to its
default. Either acts at once, also in a running server.

To change what has no flag, change the file that "roster account show NAME --json" prints.
Its id, name and created change nothing. All there is:

  {
    "profile": "default",
    "switches": {"stringBooleans": false},
    "limits": {"maxPageSize": 500},
    "mailDomains": ["example.com", "example.org"],
    "policy": {
      "invitationLifetime": "7d",
      "verificationLifetime": "1d",
      "resetLifetime": "1h",
      "passwordMin": 12,
      "maxFailedLogins": 10,
      "retainRemoved": "30d",
      "retainAudit": "730d"
    },
    "tokens": {"maxLifetime": "730d", "maxOverlap": "30d", "accessTokenLifetime": "1h"},
    "traffic": {
      "tokenRate": 100, "tokenBurst": 5000, "rate": 400, "burst": 10000, "concurrency": 256
    },
    "defaultRoles": ["reader"],
    "roleScopes": {"help-desk": ["user:read", "user:credential"]},
    "protectRoles": true,
    "language": "de-AT",
    "country": "AT",
    "currency": "EUR",
    "timezone": "Europe/Vienna",
    "contact": {"name": "Help desk", "email": "help@example.com", "phone": "+431234567"},
    "links": {
      "invitation": "https://app.example.com/welcome#{token}",
      "verification": "https://app.example.com/verify#{token}",
      "passwordReset": "https://app.example.com/password#{token}",
      "passkey": "https://app.example.com/passkey#{token}"
    },
    "webhooks": [
      {
        "url": "https://hooks.example.com/roster",
        "secret": "whsec_...",
        "events": ["user.locked"]
      }
    ],
    "issuers": [
      {
        "issuer": "https://login.example.com/tenant",
        "audience": "https://roster.example.com",
        "algorithms": ["RS256"],
        "where": {"claim": "tid", "value": "7"},
        "subject": "sub",
        "name": "client_name",
        "user": {"claim": "uid", "attribute": "externalId"},
        "domain": "login",
        "scopes": [{"claim": "roles", "value": "Provisioning", "grants": ["scim"]}]
      }
    ]
  }

A wrong name of a switch or limit is answered with all names. The links are where the
account's application redeems what users are sent; {token} stands for it. A webhook without
events gets all of them. Its secret is whsec_ and the base64 of 24 to 64 random bytes; "[secret]",
which is shown in its place, keeps the present one.

The access tokens of an issuer (OpenID Connect) open the account if their iss and aud are those
of "issuer" and "audience" and, with "where", a claim has that value; no other account can have
the same three. "issuer" and "audience" are required. The audience is to stand for this server
alone: who gets tokens for it from the issuer can use them here. Algorithms are RS256 unless set.
"subject" and "name" are claims that say who calls, sub unless set; they are logged or shown. With
"user", a token that has the claim is that of the user with its value as externalId or userName.
"scopes" say what a token with that value of a claim may do; without a claim and value, each
token may. The scope roles, where "user" is set, is what the roles of that user allow: all of
the account for account-admin, for others what "roleScopes" says. "domain" is the provisioning
domain of the issuer's callers, whose externalIds are their own.

With "protectRoles", only who may write the account (account:write) can give a user a role that
allows anything; otherwise every client that writes users can.`
}

func (c *setAccountCommand) Run(ctx context.Context, env environment) error {
	change, err := c.change()
	if err != nil {
		return err
	}
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		a, err := conn.SetAccount(ctx, change)
		if err != nil {
			return err
		}
		env.tell("changed account %s; the change acts from now on", a.Name)
		return nil
	})
}

func (c *setAccountCommand) change() (admin.AccountChange, error) {
	flags, err := c.text()
	if err != nil {
		return admin.AccountChange{}, err
	}
	const none = "{}"
	switch {
	case c.File == "" && flags == none:
		return admin.AccountChange{}, errors.New(`nothing to change: name a setting, or a file with --file; "roster account set --help" shows them`)
	case c.File == "":
		return admin.AccountChange{Account: c.Name, Settings: flags, Merge: true}, nil
	case flags != none:
		return admin.AccountChange{}, errors.New("--file replaces all settings: write the others into the file, or set them by a command of their own")
	}
	file, err := readSettings(c.File)
	return admin.AccountChange{Account: c.Name, Settings: file}, err
}

// text is the flags that were given as a JSON object.
func (f settingFlags) text() (string, error) {
	f.MailDomain, f.DefaultRole = withoutEmpty(f.MailDomain), withoutEmpty(f.DefaultRole)
	text, err := json.Marshal(f)
	return string(text), err
}

// withoutEmpty makes an empty list, which is not nil, of one that has only "".
func withoutEmpty(list []string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// readSettings reads a file, - for stdin, but not much more than can be settings.
func readSettings(path string) (string, error) {
	file := os.Stdin
	if path != "-" {
		var err error
		if file, err = os.Open(path); err != nil {
			return "", err
		}
		defer file.Close()
	}
	text, err := io.ReadAll(io.LimitReader(file, admin.MaxSettings+1))
	if err != nil {
		return "", fmt.Errorf("read settings: %w", err)
	}
	return string(text), nil
}
