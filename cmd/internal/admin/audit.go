package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

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
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxQuestion)).Decode(&q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusOK)
	if http.NewResponseController(w).Flush() != nil {
		return // the other side is gone
	}
	if err := s.ExportAudit(asOperator(r.Context()), q, w); err != nil {
		w.Header().Set(http.TrailerPrefix+failureTrailer, err.Error())
	}
}

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
	if _, err := io.Copy(w, response.Body); err != nil {
		return fmt.Errorf("the running server broke off: look at its log: %w", err)
	}
	if failure := response.Trailer.Get(failureTrailer); failure != "" {
		return errors.New(failure)
	}
	return nil
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
