package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"roster/auth/audit"
	"roster/auth/registry"
	"roster/storage"
)

// ReadAudit returns a part of the audit of an account, also of one that was deleted,
// or of the server itself.
func (s *Service) ReadAudit(ctx context.Context, q AuditQuery) (audit.Page, error) {
	var err error
	if q.Query.Account, err = s.logOf(ctx, q.Account); err != nil {
		return audit.Page{}, err
	}
	return audit.Log{Store: s.Store}.Read(ctx, q.Query)
}

// ExportAudit writes an audit as JSON lines; see audit.Log.Export.
func (s *Service) ExportAudit(ctx context.Context, q AuditQuery, w io.Writer) error {
	account, err := s.logOf(ctx, q.Account)
	if err != nil {
		return err
	}
	return audit.Log{Store: s.Store}.Export(ctx, w, account, q.Query.From, q.Query.To)
}

// exportAudit answers with the lines, and behind them in a trailer with the error.
func (s *Service) exportAudit(w http.ResponseWriter, r *http.Request) {
	var q AuditQuery
	if !begin(w, r, &q) {
		return
	}
	if err := s.ExportAudit(asOperator(r.Context()), q, w); err != nil {
		w.Header().Set(http.TrailerPrefix+failureTrailer, url.PathEscape(err.Error()))
	}
}

// failureTrailer has an error in escapes, because it may have several lines.
const failureTrailer = "Roster-Failure"

// ExportAudit writes an audit as JSON lines; see audit.Log.Export.
func (c *Conn) ExportAudit(ctx context.Context, q AuditQuery, w io.Writer) error {
	if c.service != nil {
		return c.service.ExportAudit(asOperator(ctx), q, w)
	}
	question, err := json.Marshal(q)
	if err != nil {
		return err
	}
	response, err := c.ask(ctx, auditExport, question)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := &received{Reader: response.Body}
	if _, err := io.Copy(w, lines); err != nil {
		return cmp.Or(lines.failure, err)
	}
	failure, err := url.PathUnescape(response.Trailer.Get(failureTrailer))
	if err == nil && failure != "" {
		err = errors.New(failure)
	}
	return err
}

// received remembers that the other side broke off, so that it is not taken for a
// failure of the one that writes what was read.
type received struct {
	io.Reader
	failure error
}

func (r *received) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failure = brokeOff(err)
	}
	return n, err
}

// logOf returns whose log it is, by the name of an account, or the id of one that
// was deleted: other accounts may have had its name. Of those with one name the
// last counts.
func (s *Service) logOf(ctx context.Context, account string) (storage.Account, error) {
	if account == "" {
		return storage.System, nil
	}
	a, err := s.Registry.AccountByName(ctx, account)
	if !errors.Is(err, registry.ErrNotFound) {
		return storage.Account(a.ID), err
	}
	deleted, err := s.ListDeletedAccounts(ctx, nothing{})
	if err != nil {
		return "", err
	}
	var id string
	for _, d := range deleted {
		if d.Name == account || d.ID == account {
			id = d.ID
		}
	}
	if id == "" {
		return "", fmt.Errorf("there is no account %q, nor was one deleted; \"roster account list\" shows those that there are, and with --deleted those that were", account)
	}
	return storage.Account(id), nil
}
