package api

import (
	"context"
	"errors"
	"net/http"

	"roster/auth"
	"roster/extensions/accountuser/model"
	"roster/scim"
)

// Problem is a refusal as it is answered (RFC 9457). Its type is about:blank, so
// the title is the phrase of the status; what happened is said by the code.
type Problem struct {
	Type          string `json:"type" doc:"Always about:blank: the code says more"`
	Title         string `json:"title" doc:"The phrase of the status"`
	Status        int    `json:"status" doc:"The status of the answer"`
	Detail        string `json:"detail" doc:"What is wrong and what to do, for people"`
	Code          Code   `json:"code" doc:"What is wrong, for programs"`
	CorrelationID string `json:"correlationId,omitzero" doc:"What ties the answer to the server's log and history"`
}

// mediaProblem is the media type of a Problem.
const mediaProblem = "application/problem+json"

// refuse returns a refusal with one of the codes of the table.
func refuse(c Code, format string, args ...any) error {
	return model.Refuse(c.status(), string(c), format, args...)
}

func newProblem(ctx context.Context, status int, c Code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: detail, Code: c, CorrelationID: auth.CorrelationFrom(ctx)}
}

// problemOf returns the problem that an error is for the client, nil if it is the
// server's own fault.
func problemOf(ctx context.Context, err error) *Problem {
	var told *scim.Error
	if !errors.As(err, &told) {
		return nil
	}
	code := Code(model.CodeOf(err))
	if code == "" {
		code = codeOf(told)
	}
	return newProblem(ctx, told.Status, code, told.Detail)
}

// codeOf says a refusal of SCIM in the words of this API.
func codeOf(e *scim.Error) Code {
	switch e.Type {
	case "":
		return general(e.Status)
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
