package scim

import (
	"fmt"
	"net/http"
	"strconv"
)

// ScimType is a detail error keyword (RFC 7644 table 9).
type ScimType string

// The keywords of RFC 7644 table 9.
const (
	InvalidFilter ScimType = "invalidFilter"
	TooMany       ScimType = "tooMany"
	Uniqueness    ScimType = "uniqueness"
	Mutability    ScimType = "mutability"
	InvalidSyntax ScimType = "invalidSyntax"
	InvalidPath   ScimType = "invalidPath"
	NoTarget      ScimType = "noTarget"
	InvalidValue  ScimType = "invalidValue"
	InvalidVers   ScimType = "invalidVers"
	Sensitive     ScimType = "sensitive"

	// RFC 9865 table 3.
	InvalidCursor ScimType = "invalidCursor"
	ExpiredCursor ScimType = "expiredCursor"
	InvalidCount  ScimType = "invalidCount"
)

// Error is a refusal that the client is told: the body of RFC 7644 section
// 3.12. Detail names the attribute or parameter and says what to do; it never
// holds a value that could be personal or secret beyond ids and names that the
// client sent.
type Error struct {
	Status int
	Type   ScimType // "" where the RFC defines none
	Detail string
}

func (e *Error) Error() string {
	if e.Type == "" {
		return fmt.Sprintf("%d: %s", e.Status, e.Detail)
	}
	return fmt.Sprintf("%d %s: %s", e.Status, e.Type, e.Detail)
}

// Value is the message of RFC 7644 section 3.12; status is a string there.
func (e *Error) Value() Value {
	body := ObjectValue(
		Member{"schemas", ArrayValue(StringValue(MessageError))},
		Member{"status", StringValue(strconv.Itoa(e.Status))},
	)
	if e.Type != "" {
		body = body.With("scimType", StringValue(string(e.Type)))
	}
	return body.With("detail", StringValue(e.Detail))
}

// Errorf returns an error with any status.
func Errorf(status int, t ScimType, format string, args ...any) *Error {
	return &Error{Status: status, Type: t, Detail: fmt.Sprintf(format, args...)}
}

// BadRequest returns a 400 with one of the keywords of table 9.
func BadRequest(t ScimType, format string, args ...any) *Error {
	return Errorf(http.StatusBadRequest, t, format, args...)
}

// NotFound returns the 404 for a resource that is not there.
func NotFound(resourceType, id string) *Error {
	return Errorf(http.StatusNotFound, "", "%s %q was not found", resourceType, Abbreviate(id))
}

// Abbreviate cuts a string that a client sent, so that a message stays short.
func Abbreviate(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%.60s… (%d bytes)", s, len(s))
}
