package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"roster/cmd/internal/admin"
)

// Administer returns a connection to the data folder of c: to the server that
// runs on it, or to its database, which it opens. Nothing but Data and Logger
// of c is used. A folder without a database is an error unless create is set.
func Administer(ctx context.Context, c Config, create bool) (*admin.Conn, error) {
	if !create {
		if err := expectDatabase(c.Data); err != nil {
			return nil, err
		}
	}
	conn, err := admin.Dial(ctx, c.Data)
	if !errors.Is(err, admin.ErrNoServer) {
		return conn, err
	}
	a, err := reopen(c)
	if err == nil {
		return admin.Direct(a.service, a.Close), nil
	}
	// Perhaps a server took the database just now, and answers by now.
	if conn, dialed := admin.Dial(ctx, c.Data); dialed == nil {
		return conn, nil
	}
	return nil, err
}

func expectDatabase(folder string) error {
	file := filepath.Join(folder, databaseName)
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no data in %s: check the folder, or begin with 'roster account create NAME --data %s'", folder, folder)
	case err == nil && info.Size() == 0:
		return fmt.Errorf("%s is empty: put a backup in its place, or begin with 'roster account create NAME --data %s'", file, folder)
	}
	return err
}
