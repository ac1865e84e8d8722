package events

import (
	"encoding/json"
	"fmt"
	"time"

	"roster/storage"
)

// Event is an entry of an account's history. Its JSON is what the account API
// shows.
type Event struct {
	Sequence uint64 `json:"sequence"` // dense from 1 in the account, in the order of the changes
	// Type is what an extension calls the change, such as "user.locked", and else
	// the type of the resource, its first letter in lower case, with created,
	// changed, removed, restored or purged: "orgUnit.created".
	Type          string    `json:"type"`
	At            time.Time `json:"at"` // UTC, milliseconds
	Actor         Actor     `json:"actor"`
	Address       string    `json:"address,omitempty"`       // of the client
	CorrelationID string    `json:"correlationId,omitempty"` // of the request
	AccountID     string    `json:"accountId"`
	Subject       string    `json:"subject"`          // id of the resource
	Source        string    `json:"source,omitempty"` // by which way in, such as "scim"
	Changes       []Change  `json:"changes"`          // empty: nothing that the resource shows
	// Truncated: changes, or parts of them, are left out because there was too
	// much of them.
	Truncated bool `json:"truncated,omitempty"`
}

// Actor is who made a change.
type Actor struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`   // for people
	User   string `json:"user,omitempty"`   // id of the resource that the caller is
	Method string `json:"method,omitempty"` // how it showed who it is, such as "token"
}

// decode reads an entry of the log.
func decode(account storage.Account, e storage.Event) (Event, error) {
	r := record{Changes: []Change{}}
	if err := json.Unmarshal(e.Data, &r); err != nil {
		return Event{}, fmt.Errorf("event %d of account %s: %w", e.Sequence, account, err)
	}
	return Event{
		Sequence: e.Sequence, Type: e.Type, At: e.Time, Actor: r.Actor, Address: r.Address, CorrelationID: r.CorrelationID,
		AccountID: string(account), Subject: e.Subject, Source: r.Source, Changes: r.Changes, Truncated: r.Truncated,
	}, nil
}
