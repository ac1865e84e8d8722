package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"roster/auth/audit"
	"roster/cmd/internal/admin"
)

type auditCommands struct {
	List   listAuditCommand   `cmd:"" default:"withargs" help:"List records, the newest first."`
	Export exportAuditCommand `cmd:"" help:"Write all records as JSON lines, the oldest first."`
	Verify verifyAuditCommand `cmd:"" help:"Check that in an export nothing is missing and nothing was altered."`
}

func (auditCommands) Help() string {
	return `The audit tells who changed what in an account, who was refused, who got access tokens, and
what was done to the account itself and its tokens. Each record holds a hash of the one
before it, so that "roster check" and "roster audit verify" find one that was altered or
removed. Records are kept as long as the account's policy says (retainAudit), also when the
account was deleted. Requests that only read are in the server's log.

Records hold personal values: of the people that were changed, and addresses of clients.`
}

// whose says about whom the records are.
type whose struct {
	Account string `placeholder:"NAME" xor:"whose" help:"Account that the records are about; the id of one that was deleted, if another has its name."`
	Server  bool   `xor:"whose" help:"Records about the server and all its accounts, but not of what changed in them."`
}

func (w whose) check() error {
	if w.Account == "" && !w.Server {
		return errors.New("whose audit? name an account with --account, or say --server")
	}
	return nil
}

// auditFlags say of which records.
type auditFlags struct {
	whose
	Type  []string `placeholder:"TYPE" help:"Only records of that type, such as user.created, token.revoked or request.refused. Repeat it for more."`
	Actor string   `placeholder:"ID" help:"Only what that token or user did."`
	span
}

func (f auditFlags) query() admin.AuditQuery {
	return admin.AuditQuery{Account: f.Account, Query: audit.Query{Types: f.Type, Actor: f.Actor, From: time.Time(f.From), To: time.Time(f.To)}}
}

type listAuditCommand struct {
	connection
	output
	auditFlags
	Limit int `default:"100" help:"How many at most, ${default} unless set."`
}

func (c *listAuditCommand) Run(ctx context.Context, env environment) error {
	if err := errors.Join(c.whose.check(), c.span.check()); err != nil {
		return err
	}
	if c.Limit < 1 {
		return fmt.Errorf("--limit %d: ask for one record at least", c.Limit)
	}
	q := c.query()
	q.Query.Descending = true
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		records := []audit.Record{}
		err := eachRecord(ctx, conn, q, func(r audit.Record) bool {
			records = append(records, r)
			return len(records) < c.Limit
		})
		if err != nil {
			return err
		}
		table := [][]string{{"AT", "TYPE", "OUTCOME", "ACTOR", "BY", "FROM", "SUBJECT", "WHAT"}}
		for _, r := range records {
			table = append(table, []string{r.At.Format(time.RFC3339), r.Type, outcome(r.Data), actorText(r.Data),
				r.Data.Actor.Method, r.Data.Address, c.subject(r), what(r.Data)})
		}
		return c.show(env, records, shortened(table))
	})
}

// outcome is what became of it, as people read it.
func outcome(d audit.Data) string {
	switch {
	case d.Outcome != audit.Refused:
		return audit.Success
	case d.Omitted > 0:
		return audit.Refused
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d %s", d.Outcome, d.Status, d.Scope))
}

// actorText tells who did it: nobody is who was refused without having shown anything.
func actorText(d audit.Data) string {
	name := cmp.Or(d.Actor.Name, d.Actor.ID)
	if d.Outcome == audit.Refused && d.Omitted == 0 {
		return cmp.Or(name, "nobody")
	}
	return cmp.Or(name, "the server")
}

// subject is "" where it is the account that was asked for.
func (w whose) subject(r audit.Record) string {
	if !w.Server && r.Log == audit.SystemLog {
		return ""
	}
	return r.Subject
}

// what tells what was refused and why, or which credential or account it was.
func what(d audit.Data) string {
	switch {
	case d.Omitted > 0:
		return fmt.Sprintf("%d refusals that have no record of their own", d.Omitted)
	case d.Outcome == audit.Refused:
		return d.Operation + ": " + d.Reason
	}
	var detail struct{ Credential, Client, Name string }
	if len(d.Detail) == 0 || json.Unmarshal(d.Detail, &detail) != nil {
		return ""
	}
	return strings.TrimSpace(cmp.Or(detail.Credential, detail.Client) + " " + detail.Name)
}

// eachRecord gives records to take, until it says that it has enough.
func eachRecord(ctx context.Context, conn *admin.Conn, q admin.AuditQuery, take func(audit.Record) (more bool)) error {
	for q.Query.Limit = audit.MaxLimit; ; {
		page, err := conn.ReadAudit(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range page.Records {
			if !take(r) {
				return nil
			}
		}
		if q.Query.After = page.Next; q.Query.After == "" {
			return nil
		}
	}
}
