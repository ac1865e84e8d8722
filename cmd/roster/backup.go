package main

import (
	"context"
	"path/filepath"

	"roster/cmd/internal/admin"
)

type backupCommand struct {
	connection
	output
	File string `arg:"" help:"New file to write."`
}

func (backupCommand) Help() string {
	return `The copy is complete and of one moment, also while the server runs, which writes it.
To restore it, stop the server and put the file into a data folder as roster.db.`
}

func (c *backupCommand) Run(ctx context.Context, env environment) error {
	path, err := filepath.Abs(c.File) // the server has another working folder
	if err != nil {
		return err
	}
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		written, err := conn.Backup(ctx, path)
		if err != nil {
			return err
		}
		env.tell("wrote %d bytes", written.Bytes)
		return c.show(env, written, [][]string{{written.Path}})
	})
}
