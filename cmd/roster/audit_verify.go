package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"roster/auth/audit"
	"roster/storage"
)

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
