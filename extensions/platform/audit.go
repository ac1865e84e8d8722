package platform

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"

	"roster/auth/audit"
	"roster/extensions/rest"
	"roster/storage"
)

// Audit is a part of an audit. Its records are as in the lines of an export.
type Audit struct {
	Records []audit.Record `json:"results"`
	Next    string         `json:"next,omitzero" doc:"after, for what follows; absent at the end. A part may have fewer records than limit, or none, and not be the last"`
}

// Line implements rest.Lined, as the next two.
func (Audit) Line() reflect.Type { return reflect.TypeFor[audit.Record]() }
func (a Audit) Lines() []any     { return rest.Mapped(a.Records, func(r audit.Record) any { return r }) }
func (a Audit) After() string    { return a.Next }

// which says which part of an audit is asked for.
type which struct {
	Types []string  `query:"type,omitzero" maxLength:"200" maxItems:"50" doc:"Only records of that type, such as token.created, one of several"`
	Actor string    `query:"actor,omitzero" maxLength:"200" doc:"Only what that one did: identifier of a token or user"`
	From  time.Time `query:"from,omitzero" doc:"Not what was before"`
	To    time.Time `query:"to,omitzero" doc:"Only what was before"`
	Order string    `query:"order" default:"desc" enum:"asc,desc" doc:"desc: the latest first"`
	after
}

// readAudit reads the audit of an account, or of storage.System.
func (p *Platform) readAudit(ctx context.Context, of string, in which) (Audit, error) {
	page, err := audit.Log{Store: p.Store}.Read(ctx, audit.Query{
		Account: storage.Account(of), Types: in.Types, Actor: in.Actor, From: in.From, To: in.To,
		After: in.After, Descending: in.Order == "desc", Limit: in.Limit,
	})
	if errors.Is(err, audit.ErrInvalid) {
		err = rest.Refuse(http.StatusBadRequest, "invalid_parameter", "%v", err)
	}
	return Audit{rest.OrEmpty(page.Records), page.Next}, err
}

func (p *Platform) accountAudit(ctx context.Context, q *rest.Request, in struct {
	inAccount
	which
}) (Audit, error) {
	a, err := p.account(ctx, q, in.inAccount)
	if err != nil {
		return Audit{}, err
	}
	return p.readAudit(ctx, a.ID, in.which)
}

// deletedAudit takes any id that is nobody's now: an account is deleted as long as
// there are records of it.
func (p *Platform) deletedAudit(ctx context.Context, q *rest.Request, in struct {
	inAccount
	which
}) (Audit, error) {
	if len(in.Account) > maxNamed || in.Account == string(storage.System) {
		return Audit{}, notFound()
	}
	if _, err := p.account(ctx, q, in.inAccount); err == nil {
		return Audit{}, notFound()
	}
	some, err := p.readAudit(ctx, in.Account, which{after: after{Limit: 1}})
	if err == nil && len(some.Records) == 0 {
		err = notFound()
	}
	if err != nil {
		return Audit{}, err
	}
	return p.readAudit(ctx, in.Account, in.which)
}

func (p *Platform) serverAudit(ctx context.Context, _ *rest.Request, in which) (Audit, error) {
	return p.readAudit(ctx, string(storage.System), in)
}
