package main

import (
	"context"
	"fmt"

	"roster/cmd/internal/admin"
)

type checkCommand struct {
	connection
	output
}

func (checkCommand) Help() string {
	return `Compares the indexes, edges, unique values and counters with the documents they come
from, and follows the chain of every audit log, so that a record that was altered or removed
is found. Prints each disagreement; the status is 1 if there is any.`
}

func (c *checkCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		report, err := conn.Check(ctx)
		if err != nil {
			return err
		}
		var table [][]string
		for _, problem := range report.Problems {
			table = append(table, []string{problem})
		}
		if err := c.show(env, report, table); err != nil {
			return err
		}
		if report.Count > 0 {
			return fmt.Errorf("%d problems were found: keep a copy of the data folder, then restore a backup", report.Count)
		}
		env.tell("no problems were found")
		return nil
	})
}
