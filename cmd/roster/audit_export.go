package main

import (
	"context"
	"errors"
	"time"

	"roster/auth/audit"
	"roster/cmd/internal/admin"
)

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
