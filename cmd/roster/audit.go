package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"roster/auth/audit"
	"roster/auth/registry"
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

// span bounds the time of records.
type span struct {
	From moment `placeholder:"TIME" help:"Only records since then: 2026-01-31T15:04:05Z, or 2026-01-31 for the day's beginning in UTC, or 36h or 7d for so long ago."`
	To   moment `placeholder:"TIME" help:"Only records before that, written in the same way."`
}

func (s span) check() error {
	if from, to := time.Time(s.From), time.Time(s.To); !to.IsZero() && !from.Before(to) {
		return fmt.Errorf("there is no time between --from %s and --to %s", from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	return nil
}

// moment is a time as people type it.
type moment time.Time

// UnmarshalText takes a time, a day, or how long ago it is.
func (m *moment) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, string(text)); err == nil {
			*m = moment(t)
			return nil
		}
	}
	var ago registry.Duration
	if err := ago.UnmarshalText(text); err != nil || ago == 0 {
		return fmt.Errorf("%.40q is no time: write it like 2026-01-31T15:04:05Z, 2026-01-31, or 7d for seven days ago", text)
	}
	*m = moment(time.Now().Add(-time.Duration(ago)))
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
	if d.Outcome != audit.Refused {
		return audit.Success
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d %s", d.Outcome, d.Status, d.Scope))
}

// actorText tells who did it: nobody is who was refused without having shown anything.
func actorText(d audit.Data) string {
	name := orElse(d.Actor.Name, d.Actor.ID)
	if d.Outcome == audit.Refused {
		return orElse(name, "nobody")
	}
	return orElse(name, "the server")
}

// subject is "" where it is the account that was asked for.
func (w whose) subject(r audit.Record) string {
	if !w.Server && r.Log == audit.SystemLog {
		return ""
	}
	return r.Subject
}

// what tells what was refused, or which credential or account it was.
func what(d audit.Data) string {
	if d.Outcome == audit.Refused {
		return d.Operation
	}
	var detail struct{ Credential, Client, Name string }
	if len(d.Detail) == 0 || json.Unmarshal(d.Detail, &detail) != nil {
		return ""
	}
	return strings.TrimSpace(orElse(detail.Credential, detail.Client) + " " + detail.Name)
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
	span
}

func (exportAuditCommand) Help() string {
	return `The first line says what the export holds and where it ends. Keep what "roster audit verify"
prints of it, the last records' hashes, apart from the server: with --head it shows later that
nobody, not even who can write the data, made up another history.`
}

func (c *exportAuditCommand) Run(ctx context.Context, env environment) error {
	if err := errors.Join(c.whose.check(), c.span.check()); err != nil {
		return err
	}
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		return conn.ExportAudit(ctx, admin.AuditQuery{Account: c.Account, Query: audit.Query{From: time.Time(c.From), To: time.Time(c.To)}}, env.stdout)
	})
}

type verifyAuditCommand struct {
	output
	File string   `arg:"" help:"What \"roster audit export\" wrote, - for stdin."`
	Head []string `placeholder:"LOG:N:HASH" help:"A record that was noted down before and must be in the export: account or system, its sequence, its hash. Can be given several times."`
}

func (verifyAuditCommand) Help() string {
	return `Prints each problem, with the line it is in, and the last record of each log, for --head of a
later time; the status is 1 if there is a problem. It needs no server and no data.

An export of an account has two logs: its own, of which it shows that nothing is missing, and
the server's records about it, of which only an export with --server shows that.`
}

func (c *verifyAuditCommand) Run(_ context.Context, env environment) error {
	known, err := readHeads(c.Head)
	if err != nil {
		return err
	}
	file := os.Stdin
	if c.File != "-" {
		if file, err = os.Open(c.File); err != nil {
			return err
		}
		defer file.Close()
	}
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
	env.tell("%d records, %s", report.Records, shownBy(report))
	return nil
}

// shownBy is what a report without problems shows. Of an account's export it is not
// all, because the server's log goes on between the records about one account.
func shownBy(r audit.Report) string {
	if r.Extent.Account == storage.System {
		return "none missing or altered"
	}
	return "none altered, and of the account's own log none missing; that none is missing of the server's, an export with --server shows"
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
