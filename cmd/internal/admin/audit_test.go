package admin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/auth/audit"
	"roster/cmd/internal/admin"
	"roster/storage"
)

// onBothWays runs a test with a service, directly and through the socket.
func onBothWays(t *testing.T, s *admin.Service, test func(*testing.T, *admin.Conn)) {
	t.Helper()
	t.Run("directly", func(t *testing.T) { test(t, admin.Direct(s, nil)) })
	t.Run("through the socket", func(t *testing.T) {
		folder := t.TempDir()
		serve(t, folder, s)
		test(t, dial(t, folder))
	})
}

// TestOperator: the audit says of what a command did that the owner of the data
// folder did it, and it can be asked for that.
func TestOperator(t *testing.T) {
	owner, err := user.Current()
	require.NoError(t, err)
	onBothWays(t, inMemory(t), func(t *testing.T, conn *admin.Conn) {
		name := fmt.Sprintf("acme-%d", len(t.Name()))
		_, err := conn.CreateAccount(t.Context(), admin.NewAccount{Name: name})
		require.NoError(t, err)
		issued, err := conn.CreateToken(t.Context(), admin.NewToken{Account: name, Name: "okta", Scopes: []auth.Scope{auth.SCIM}})
		require.NoError(t, err)
		page, err := conn.ReadAudit(t.Context(), admin.AuditQuery{Account: name, Query: audit.Query{Actor: "operator"}})
		require.NoError(t, err)
		var types []string
		for _, r := range page.Records {
			types = append(types, r.Type)
			require.Equal(t, audit.Actor{ID: "operator", Name: owner.Username, Method: "command"}, r.Data.Actor)
			require.Empty(t, r.Data.Address)
		}
		require.Equal(t, []string{"account.created", "token.created"}, types)
		require.Contains(t, string(page.Records[1].Data.Detail), issued.ID)
	})
}

// TestExport: every record is in it, and it proves so.
func TestExport(t *testing.T) {
	s := inMemory(t)
	const many = 1100 // more than one page
	for i := range many {
		_, err := s.CreateAccount(t.Context(), admin.NewAccount{Name: fmt.Sprintf("account-%d", i)})
		require.NoError(t, err)
	}
	onBothWays(t, s, func(t *testing.T, conn *admin.Conn) {
		var lines bytes.Buffer
		require.NoError(t, conn.ExportAudit(t.Context(), admin.AuditQuery{}, &lines))
		require.Equal(t, many+1, bytes.Count(lines.Bytes(), []byte("\n")))
		report, err := audit.Verify(&lines)
		require.NoError(t, err)
		require.Empty(t, report.Problems)
		require.Equal(t, storage.System, report.Extent.Account)
		require.Equal(t, many, report.Records)

		lines.Reset()
		require.NoError(t, conn.ExportAudit(t.Context(), admin.AuditQuery{Account: "account-7"}, &lines))
		require.Equal(t, 2, bytes.Count(lines.Bytes(), []byte("\n")))

		lines.Reset()
		err = conn.ExportAudit(t.Context(), admin.AuditQuery{Account: "gløbex"}, &lines)
		require.ErrorContains(t, err, `there is no account "gløbex", nor was one deleted`)
		require.Empty(t, lines.String())
	})
}

// failing is a store that cannot be read any more after some views, if left is not
// negative.
type failing struct {
	storage.Store
	views, left atomic.Int64
}

var errDisk = errors.New("the disk is gone,\nand so is its \"copy\"")

func (f *failing) View(ctx context.Context, account storage.Account, use func(storage.Snapshot) error) error {
	if f.views.Add(1) > f.left.Load() && f.left.Load() >= 0 {
		return errDisk
	}
	return f.Store.View(ctx, account, use)
}

// TestExportBreaksOff: what was read by then is there, and the error is told, as it
// is, on both ways.
func TestExportBreaksOff(t *testing.T) {
	s := inMemory(t)
	for i := range 1100 {
		_, err := s.CreateAccount(t.Context(), admin.NewAccount{Name: fmt.Sprintf("account-%d", i)})
		require.NoError(t, err)
	}
	store := &failing{Store: s.Store}
	store.left.Store(-1)
	var whole bytes.Buffer
	s.Store = store
	require.NoError(t, s.ExportAudit(t.Context(), admin.AuditQuery{}, &whole))
	store.left.Store(store.views.Load() - 1)
	onBothWays(t, s, func(t *testing.T, conn *admin.Conn) {
		store.views.Store(0)
		var part bytes.Buffer
		err := conn.ExportAudit(t.Context(), admin.AuditQuery{}, &part)
		require.ErrorContains(t, err, errDisk.Error())
		require.NotContains(t, err.Error(), "broke off", "the server did not")
		require.True(t, strings.HasPrefix(whole.String(), part.String()))
		require.NotEmpty(t, part.String())
	})
}

// full is a place without room.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestExportToFullDisk: it is not taken for a failure of the server.
func TestExportToFullDisk(t *testing.T) {
	onBothWays(t, inMemory(t), func(t *testing.T, conn *admin.Conn) {
		_, err := conn.CreateAccount(t.Context(), admin.NewAccount{Name: fmt.Sprintf("acme-%d", len(t.Name()))})
		require.NoError(t, err)
		err = conn.ExportAudit(t.Context(), admin.AuditQuery{}, full{})
		require.ErrorIs(t, err, errFull)
		require.NotContains(t, err.Error(), "server")
	})
}

// TestAuditOfTheDeleted: it is found by name, that of the account that has the name
// now first, then that of the last that had it, and by id.
func TestAuditOfTheDeleted(t *testing.T) {
	s := inMemory(t)
	ctx := t.Context()
	about := func(conn *admin.Conn, account string) string {
		t.Helper()
		page, err := conn.ReadAudit(ctx, admin.AuditQuery{Account: account})
		require.NoError(t, err)
		require.NotEmpty(t, page.Records)
		return page.Records[0].Account
	}
	create := func() string {
		a, err := s.CreateAccount(ctx, admin.NewAccount{Name: "acme"})
		require.NoError(t, err)
		return a.ID
	}
	remove := func() {
		_, err := s.DeleteAccount(ctx, "acme")
		require.NoError(t, err)
	}
	first := create()
	remove()
	onBothWays(t, s, func(t *testing.T, conn *admin.Conn) { require.Equal(t, first, about(conn, "acme")) })
	second := create()
	remove()
	onBothWays(t, s, func(t *testing.T, conn *admin.Conn) {
		require.Equal(t, second, about(conn, "acme"))
		require.Equal(t, first, about(conn, first))
		require.Equal(t, second, about(conn, second))
	})
	third := create()
	onBothWays(t, s, func(t *testing.T, conn *admin.Conn) {
		require.Equal(t, third, about(conn, "acme"))
		require.Equal(t, second, about(conn, second))
		deleted, err := conn.ListDeletedAccounts(ctx)
		require.NoError(t, err)
		require.Equal(t, []string{first, second}, []string{deleted[0].ID, deleted[1].ID})
		require.False(t, deleted[0].Deleted.IsZero())
	})
}
