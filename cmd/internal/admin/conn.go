package admin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"roster/auth/audit"
	"roster/extensions/notify"
)

// ErrNoServer: no server answers on the socket of a data folder.
var ErrNoServer = errors.New("no server is running")

// Conn carries operations out, in the running server or directly. Close it.
type Conn struct {
	service *Service
	close   func() error
	client  *http.Client
}

// Direct returns a Conn that calls s, and whose Close calls that function.
func Direct(s *Service, close func() error) *Conn {
	return &Conn{service: s, close: close}
}

// patience bounds the wait for a server to accept a request. The operation
// itself takes as long as it takes.
const patience = 10 * time.Second

// Dial returns a Conn to the server that runs on a data folder. It fails with
// ErrNoServer if there is none.
func Dial(ctx context.Context, folder string) (*Conn, error) {
	dial := func(ctx context.Context, _, _ string) (c net.Conn, err error) {
		err = withShortPath(socketPath(folder), func(path string) error {
			dialer := net.Dialer{Timeout: patience}
			c, err = dialer.DialContext(ctx, "unix", path)
			return err
		})
		return c, err
	}
	probe, err := dial(ctx, "", "")
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("the server on this folder belongs to another user: run the command as that user: %w", err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNoServer, err)
	}
	_ = probe.Close() // nothing was sent
	transport := &http.Transport{DialContext: dial, ResponseHeaderTimeout: patience}
	return &Conn{
		client: &http.Client{Transport: transport},
		close: func() error {
			transport.CloseIdleConnections()
			return nil
		},
	}, nil
}

// Close ends the connection, or closes the store.
func (c *Conn) Close() error { return c.close() }

// The operations; see the methods of Service.

func (c *Conn) CreateAccount(ctx context.Context, n NewAccount) (Account, error) {
	return do(ctx, c, accountCreate, (*Service).CreateAccount, n)
}

func (c *Conn) SetAccount(ctx context.Context, change AccountChange) (Account, error) {
	return do(ctx, c, accountSet, (*Service).SetAccount, change)
}

func (c *Conn) ShowAccount(ctx context.Context, name string) (Account, error) {
	return do(ctx, c, accountShow, (*Service).ShowAccount, name)
}

func (c *Conn) ListAccounts(ctx context.Context) ([]Account, error) {
	return do(ctx, c, accountList, (*Service).ListAccounts, nothing{})
}

func (c *Conn) SetAccountState(ctx context.Context, state AccountState) (Account, error) {
	return do(ctx, c, accountState, (*Service).SetAccountState, state)
}

func (c *Conn) DeleteAccount(ctx context.Context, name string) error {
	_, err := do(ctx, c, accountDelete, (*Service).DeleteAccount, name)
	return err
}

func (c *Conn) ListDeletedAccounts(ctx context.Context) ([]DeletedAccount, error) {
	return do(ctx, c, accountDeleted, (*Service).ListDeletedAccounts, nothing{})
}

func (c *Conn) CreateToken(ctx context.Context, n NewToken) (IssuedToken, error) {
	return do(ctx, c, tokenCreate, (*Service).CreateToken, n)
}

func (c *Conn) ListTokens(ctx context.Context, account string) ([]Token, error) {
	return do(ctx, c, tokenList, (*Service).ListTokens, account)
}

func (c *Conn) RotateToken(ctx context.Context, r Rotation) (RotatedToken, error) {
	return do(ctx, c, tokenRotate, (*Service).RotateToken, r)
}

func (c *Conn) ListKeys(ctx context.Context) ([]Key, error) {
	return do(ctx, c, keyList, (*Service).ListKeys, nothing{})
}

func (c *Conn) RotateKey(ctx context.Context, r KeyRotation) error {
	_, err := do(ctx, c, keyRotate, (*Service).RotateKey, r)
	return err
}

func (c *Conn) RevokeToken(ctx context.Context, id string) error {
	_, err := do(ctx, c, tokenRevoke, (*Service).RevokeToken, id)
	return err
}

func (c *Conn) ReadAudit(ctx context.Context, q AuditQuery) (audit.Page, error) {
	return do(ctx, c, auditRead, (*Service).ReadAudit, q)
}

func (c *Conn) ListLetters(ctx context.Context, q LetterQuery) ([]notify.Letter, error) {
	return do(ctx, c, letterList, (*Service).ListLetters, q)
}

func (c *Conn) ShowLetter(ctx context.Context, q LetterQuery) (notify.Letter, error) {
	return do(ctx, c, letterShow, (*Service).ShowLetter, q)
}

func (c *Conn) RetryLetter(ctx context.Context, q LetterQuery) error {
	_, err := do(ctx, c, letterRetry, (*Service).RetryLetter, q)
	return err
}

func (c *Conn) DropLetter(ctx context.Context, q LetterQuery) error {
	_, err := do(ctx, c, letterDrop, (*Service).DropLetter, q)
	return err
}

func (c *Conn) Check(ctx context.Context) (Report, error) {
	return do(ctx, c, check, (*Service).Check, nothing{})
}

func (c *Conn) Backup(ctx context.Context, path string) (Written, error) {
	return do(ctx, c, backup, (*Service).Backup, path)
}
