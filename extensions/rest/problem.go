package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"roster/auth"
	"roster/scim"
)

// Problem is a refusal as it is answered (RFC 9457). Its type is about:blank, so
// the title is the phrase of the status; what happened is said by the code.
type Problem struct {
	Type          string     `json:"type" doc:"Always about:blank: the code says more"`
	Title         string     `json:"title" doc:"The phrase of the status"`
	Status        int        `json:"status" doc:"The status of the answer"`
	Detail        string     `json:"detail" doc:"What is wrong and what to do, for people"`
	Code          Code       `json:"code" doc:"What is wrong, for programs"`
	Scope         auth.Scope `json:"scope,omitzero" doc:"With insufficient_scope: the one that is lacking"`
	CorrelationID string     `json:"correlationId,omitzero" doc:"What ties the answer to the server's log and history"`
}

// mediaProblem is the media type of a Problem.
const mediaProblem = "application/problem+json"

// Refusal is an error that a client is told.
type Refusal struct {
	Status int
	Code   Code
	Detail string     // what is wrong and what to do
	Scope  auth.Scope // that is lacking, or ""
}

func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Detail }

// Refuse returns a refusal. The status must be the one that goes with the code.
func Refuse(status int, c Code, format string, args ...any) error {
	return &Refusal{Status: status, Code: c, Detail: fmt.Sprintf(format, args...)}
}

// Lacking refuses whoever has not the scope that something needs.
func Lacking(scope auth.Scope, what string) error {
	return &Refusal{Status: http.StatusForbidden, Code: "insufficient_scope", Scope: scope,
		Detail: fmt.Sprintf("the token lacks the scope %s, which %s needs", scope, what)}
}

// refuse returns a refusal with one of the general codes.
func refuse(c Code, format string, args ...any) error {
	return Refuse(general.status(c), c, format, args...)
}

// problem tells a client of a refusal.
func (r *Refusal) problem(ctx context.Context) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(r.Status), Status: r.Status,
		Detail: r.Detail, Code: r.Code, Scope: r.Scope, CorrelationID: auth.CorrelationFrom(ctx)}
}

// problemOf returns the problem that an error is for the client, nil if it is the
// server's own fault.
func (a *API) problemOf(ctx context.Context, err error) *Problem {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.problem(ctx)
	}
	told, ok := errors.AsType[*scim.Error](err)
	if !ok {
		return nil
	}
	r := Refusal{Status: told.Status, Detail: told.Detail}
	if a.config.CodeOf != nil {
		r.Code = a.config.CodeOf(err)
	}
	if r.Code == "" {
		r.Code = codeOf(told)
	}
	return r.problem(ctx)
}

// codeOf says a refusal of SCIM in the words of these APIs.
func codeOf(e *scim.Error) Code {
	switch e.Type {
	case "":
		return codeOfStatus(e.Status)
	case scim.InvalidFilter:
		return "invalid_parameter"
	case scim.TooMany:
		return "too_many"
	case scim.Uniqueness, scim.Mutability:
		return Code(e.Type)
	case scim.InvalidSyntax:
		return "invalid_syntax"
	}
	return "invalid_value"
}
