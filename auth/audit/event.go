package audit

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"roster/auth"
	"roster/storage"
)

const (
	maxText    = 256 // bytes of a text that tells whose and which the request was
	maxSubject = 64  // bytes of an event's subject, see storage.Event
)

// Outcomes of what a record tells of.
const (
	Success = "success"
	Refused = "refused"
)

// Data is what an event of the log says beside its type and subject, as JSON. The
// events of extensions/events have the same members, as far as they have them.
type Data struct {
	Actor         Actor  `json:"actor"`
	Address       string `json:"address,omitempty"`       // of the client
	CorrelationID string `json:"correlationId,omitempty"` // of the request
	Source        string `json:"source,omitempty"`        // by which way in, such as "scim"
	// Outcome is Success or Refused; "" in the events of changes, which are
	// successes.
	Outcome   string `json:"outcome,omitempty"`
	Status    int    `json:"status,omitempty"`    // of the answer, of a refusal
	Reason    string `json:"reason,omitempty"`    // of a refusal, for people
	Scope     string `json:"scope,omitempty"`     // that was missing
	Operation string `json:"operation,omitempty"` // the route's name, of what was refused
	// Changes are the attributes of the resource that changed, as
	// extensions/events tells them.
	Changes json.RawMessage `json:"changes,omitempty"`
	// Detail is whatever else the type of the event calls for.
	Detail json.RawMessage `json:"detail,omitempty"`
	// Truncated: changes or the detail are left out, in full or in part, because
	// there was too much of them.
	Truncated bool `json:"truncated,omitempty"`
	// Omitted is how many refusals were not recorded.
	Omitted int `json:"omitted,omitempty"`

	raw []byte // as it is in the log, nil if it is in none
}

// Actor is who did it. All of it is empty for who was not authenticated.
type Actor struct {
	ID   string `json:"id"`             // of the token or user
	Name string `json:"name,omitempty"` // for people
	User string `json:"user,omitempty"` // id of the resource that the caller is
	// Account is the caller's own, if the event is about another one.
	Account string `json:"account,omitempty"`
	Method  string `json:"method,omitempty"` // one of auth's, such as "token"
}

// Event is the event of something that the caller of ctx did and that succeeded:
// for the log of [storage.System], in the batch of what it tells of. The subject
// is the id of the account that it is about, "" for none.
//
// The detail is written as JSON, and must have no secrets but in an auth.Secret;
// nil is none. One that takes more than an event may have, or that is no JSON, is
// left out, and the event says so. The time is now; who has another clock sets
// another.
func Event(ctx context.Context, typ, subject string, detail any) storage.Event {
	d := caller(ctx, subject)
	d.Outcome = Success
	if detail != nil {
		var err error
		d.Detail, err = storage.EventJSON(detail)
		d.Truncated = err != nil
	}
	return event(typ, subject, d)
}

// caller says who calls, from where, and in which request.
func caller(ctx context.Context, subject string) Data {
	d := Data{Address: auth.OriginFrom(ctx).Text(), CorrelationID: clip(auth.CorrelationFrom(ctx))}
	if p := auth.PrincipalFrom(ctx); p != nil {
		d.Actor = Actor{ID: clip(p.Subject), Name: clip(p.Name), User: clip(p.User), Method: clip(string(p.Method))}
		if p.Account != subject {
			d.Actor.Account = clip(p.Account)
		}
	}
	return d
}

// event has room for all of d but the detail, whose size is not known.
func event(typ, subject string, d Data) storage.Event {
	data, err := storage.EventJSON(members(d))
	if err != nil || len(data) > storage.MaxEventData {
		d.Detail, d.Truncated = nil, true
		data, _ = storage.EventJSON(members(d)) // texts, numbers and no more
	}
	return storage.Event{Time: time.Now().UTC().Truncate(time.Millisecond), Type: typ, Subject: subject, Data: data}
}

// clip cuts a text that came from outside, and drops the characters that JSON
// would need six bytes for.
func clip(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s[:min(len(s), maxText)], ""))
}
