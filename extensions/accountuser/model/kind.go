package model

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"roster/scim"
	"roster/scim/provider"
	"roster/storage"
)

// What only humans have.
var (
	humanCore      = []string{"name", "nickName", "emails", "phoneNumbers", "password"}
	humanExtension = []string{"gender", "emailVerified", "phoneVerified", "passwordChangeRequired", "mfaSkipUntil", "sendInvitation", "idpLinks"}
)

// What is said of machines.
const (
	maxDescription = 500 // characters
	bearerToken    = "bearer"
	jwtToken       = "jwt"
)

// deriveKind makes a user human unless the client says otherwise, and refuses
// what users of that kind do not have.
func deriveKind(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	v := Of(c.After)
	kind := strings.ToLower(v.A("kind").Text())
	switch kind {
	case Human, Machine:
	case "":
		kind = Human
	default:
		return scim.BadRequest(scim.InvalidValue, "attribute %s:kind is %q or %q", UserURN, Human, Machine)
	}
	v = v.With("kind", scim.StringValue(kind))
	var err error
	if v.IsMachine() {
		v, err = deriveMachine(v)
	} else if !v.A("machine").IsUnassigned() {
		err = wrongKind(UserURN+":machine", Machine)
	}
	c.After = v.Resource
	return err
}

func deriveMachine(v View) (View, error) {
	for _, name := range humanCore {
		if says(v.Get(name)) {
			return v, wrongKind(name, Human)
		}
	}
	for _, name := range humanExtension {
		if says(v.A(name)) {
			return v, wrongKind(UserURN+":"+name, Human)
		}
	}
	machine := v.A("machine")
	tokens := strings.ToLower(machine.Get("accessTokenType").Text())
	switch tokens {
	case bearerToken, jwtToken:
	case "":
		tokens = bearerToken
	default:
		return v, scim.BadRequest(scim.InvalidValue, "attribute %s:machine.accessTokenType is %q or %q", UserURN, bearerToken, jwtToken)
	}
	if n := utf8.RuneCountInString(machine.Get("description").Text()); n > maxDescription {
		return v, scim.BadRequest(scim.InvalidValue, "attribute %s:machine.description has %d characters; at most %d are allowed", UserURN, n, maxDescription)
	}
	return v.With("machine", machine.
		With("accessTokenType", scim.StringValue(tokens)).
		With("hasSecret", scim.BoolValue(v.hasCredential("secret")))), nil
}

// says reports whether an attribute has a value that is more than no.
func says(v scim.Value) bool {
	return !v.IsUnassigned() && !(v.Kind() == scim.Bool && !v.Bool())
}

func wrongKind(path, kind string) error {
	return Refuse(http.StatusConflict, WrongType, "attribute %s is only for %s users; leave it out", path, kind)
}

// hasCredential reports whether a machine user has a credential of that type.
func (v View) hasCredential(kind string) bool {
	for _, e := range v.A("credentials").Elements() {
		if e.Get("type").Text() == kind {
			return true
		}
	}
	return false
}
