package events

import (
	"context"
	"slices"
	"time"

	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/storage"
)

// Config of a Rule.
type Config struct {
	// Status is the path of an attribute that tells the state of a resource:
	// active, inactive, locked and so on. Changes of it are events of their own
	// types. Default: there is none.
	Status string
	// NamesOnly are paths of attributes and sub-attributes whose values are not
	// recorded, beside those that are secret by their definition.
	NamesOnly []string
	// Beside tells which attribute a side record keeps that another rule writes
	// with a change, as a path, so that the change is named: for the side record
	// of a value of many that may be `urn:...:User:metadata[key eq "colour"]`. ""
	// is none. Called for each of c.Sides of the resource itself. Default: none is.
	Beside func(c *provider.Change, side string) (path string)
	Now    func() time.Time // default time.Now
}

// Rule writes an event for every change, into its batch. It comes behind all
// rules that add something to a change, and is the only writer of events.
type Rule struct{ Config }

// New returns a rule.
func New(c Config) *Rule {
	if c.Beside == nil {
		c.Beside = func(*provider.Change, string) string { return "" }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Rule{c}
}

// Derive implements [provider.Rule]. The rule has nothing to say of a resource.
func (r *Rule) Derive(context.Context, storage.Snapshot, *provider.Change) error { return nil }

// Check implements [provider.Rule]: it adds the event of the change.
func (r *Rule) Check(_ context.Context, _ storage.Snapshot, c *provider.Change) error {
	if !c.Changed {
		return nil
	}
	data, err := encode(record{
		Actor:         actorOf(c.Call.Actor),
		Address:       clip(c.Call.Address),
		CorrelationID: clip(c.Call.Correlation),
		Source:        clip(c.Call.Source),
		Changes:       r.changes(c),
	})
	if err != nil {
		return err
	}
	c.Events = append(c.Events, storage.Event{Time: r.Now(), Type: r.typeOf(c), Subject: c.ID, Data: data})
	return nil
}

func actorOf(a provider.Actor) Actor {
	return Actor{ID: clip(a.ID), Name: clip(a.Name), User: clip(a.User), Method: clip(a.Method)}
}

// changes lists the attributes that change: those of the document, those that are
// kept as edges, and then those of which only the name may be told. Of a resource
// that goes for good there is nothing to list.
func (r *Rule) changes(c *provider.Change) []Change {
	if c.After.IsNull() {
		return nil
	}
	changes := Diff(c.Type, stored(c), c.After, r.NamesOnly...)
	changes = append(changes, edgeChanges(c, r.NamesOnly)...)
	names := slices.Clone(c.Secrets)
	for _, s := range c.Sides {
		if s.ID != c.ID {
			continue
		}
		if path := r.Beside(c, s.Name); path != "" {
			names = append(names, path)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(changes, func(told Change) bool { return told.Attribute == name }) {
			changes = append(changes, Change{Attribute: name})
		}
	}
	return changes
}

// stored is the resource as the change found it. Unlike c.Before it has what the
// document keeps of computed attributes, which is what c.After has too.
func stored(c *provider.Change) scim.Resource {
	if c.Document == nil {
		return scim.Resource{}
	}
	return query.Resource(c.Document)
}
