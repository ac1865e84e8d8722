package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"roster/auth/audit"
	"roster/cmd/internal/admin"
	"roster/storage"
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
	Type  []string  `placeholder:"TYPE" help:"Only records of that type, such as user.created, token.revoked or request.refused. Repeat it for more."`
	Actor string    `placeholder:"ID" help:"Only what that token or user did."`
	From  time.Time `placeholder:"TIME" help:"Only records since then, such as 2026-01-31T00:00:00Z."`
	To    time.Time `placeholder:"TIME" help:"Only records before."`
}

func (f auditFlags) query() admin.AuditQuery {
	return admin.AuditQuery{Account: f.Account, Query: audit.Query{Types: f.Type, Actor: f.Actor, From: f.From, To: f.To}}
}

type listAuditCommand struct {
	connection
	output
	auditFlags
	Limit int `default:"100" help:"How many at most, ${default} unless set."`
}

func (c *listAuditCommand) Run(ctx context.Context, env environment) error {
	if err := c.check(); err != nil {
		return err
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
		table := [][]string{{"AT", "TYPE", "OUTCOME", "ACTOR", "BY", "FROM", "SUBJECT"}}
		for _, r := range records {
			table = append(table, []string{r.At.Format(time.RFC3339), r.Type, outcome(r.Data), actorText(r.Data.Actor),
				r.Data.Actor.Method, r.Data.Address, r.Subject})
		}
		return c.show(env, records, table)
	})
}

// outcome is what became of it, as people read it.
func outcome(d audit.Data) string {
	if d.Outcome != audit.Refused {
		return audit.Success
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d %s", d.Outcome, d.Status, d.Scope))
}

func actorText(a audit.Actor) string {
	if a.Name == "" {
		return orElse(a.ID, "nobody")
	}
	return fmt.Sprintf("%s (%s)", a.Name, a.ID)
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

type exportAuditCommand struct {
	connection
	whose
	From time.Time `placeholder:"TIME" help:"Only records since then, such as 2026-01-31T00:00:00Z."`
	To   time.Time `placeholder:"TIME" help:"Only records before."`
}

func (exportAuditCommand) Help() string {
	return `The first line says what the export holds and where it ends. Keep the hash of the last record
apart from the server: "roster audit verify --head" shows with it that nobody, not even who
can write the data, made up another history.`
}

func (c *exportAuditCommand) Run(ctx context.Context, env environment) error {
	if err := c.check(); err != nil {
		return err
	}
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		return conn.ExportAudit(ctx, admin.AuditQuery{Account: c.Account, Query: audit.Query{From: c.From, To: c.To}}, env.stdout)
	})
}

type verifyAuditCommand struct {
	output
	File string   `arg:"" type:"existingfile" help:"What \"roster audit export\" wrote."`
	Head []string `placeholder:"LOG:N:HASH" help:"A record that was noted down before and must be in the export: account or system, its sequence, its hash. Can be given several times."`
}

func (verifyAuditCommand) Help() string {
	return `Prints each problem, with the line it is in; the status is 1 if there is any. It needs no
server and no data.`
}

func (c *verifyAuditCommand) Run(_ context.Context, env environment) error {
	known, err := readHeads(c.Head)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	report, err := audit.Verify(file, known...)
	if err != nil {
		return err
	}
	var table [][]string
	for _, p := range report.Problems {
		table = append(table, []string{p.String()})
	}
	for _, h := range report.Heads {
		table = append(table, []string{fmt.Sprintf("head %s:%d:%s", h.Log, h.Sequence, h.Hash)})
	}
	if err := c.show(env, report, table); err != nil {
		return err
	}
	if n := len(report.Problems); n > 0 {
		return fmt.Errorf("%d problems were found in %d records", n, report.Records)
	}
	intact := "none missing or altered"
	if report.Extent.Account != storage.System {
		intact = `none altered, and none of the account's own missing; for those of the server, see "roster audit export --server"`
	}
	env.tell("%d records, %s", report.Records, intact)
	return nil
}

// readHeads reads what the command itself prints.
func readHeads(texts []string) (heads []audit.Head, err error) {
	for _, text := range texts {
		parts := strings.Split(text, ":")
		var sequence uint64
		if len(parts) == 3 {
			sequence, err = strconv.ParseUint(parts[1], 10, 64)
		}
		if len(parts) != 3 || err != nil || parts[0] != audit.AccountLog && parts[0] != audit.SystemLog {
			return nil, fmt.Errorf("--head %q is not the name of a log, a sequence and a hash: write it like account:17:9f86d0", text)
		}
		heads = append(heads, audit.Head{Log: parts[0], Sequence: sequence, Hash: parts[2]})
	}
	return heads, nil
}
