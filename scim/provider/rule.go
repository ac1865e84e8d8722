package provider

import (
	"context"

	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// Rule is a rule of an extension that every change passes, on every way in:
// POST, PUT, PATCH, DELETE, each operation of a Bulk, and [Provider.Edit]. It
// refuses with a *scim.Error. Both methods are called anew for each attempt at a
// change, so they have no effects of their own.
type Rule interface {
	// Derive sets in c.After what the server owns. All rules have derived before
	// the first of them checks.
	Derive(ctx context.Context, s storage.Snapshot, c *Change) error
	// Check refuses the change, or adds to c.Along what goes with it: guards for
	// what it read, so that it still holds when the change is made, and what
	// follows from the change.
	Check(ctx context.Context, s storage.Snapshot, c *Change) error
}

// Way is how a resource changes.
type Way uint8

// The ways.
const (
	Create  Way = iota // POST
	Replace            // PUT
	Modify             // PATCH, and edits
	Remove             // DELETE
	Restore            // of a resource that was removed and kept
	Purge              // of such a resource, for good
)

// Change is what a rule sees of a change.
type Change struct {
	Call Call
	Type *schema.ResourceType
	ID   string
	Way  Way
	// Action is what an extension calls the change, such as "user.locked"; "" for
	// what SCIM's own methods do.
	Action string
	// Document is the resource as it is stored, nil for a creation.
	Document *storage.Document
	// Before and After have the external ids of all provisioning domains, as
	// documents keep them.
	//
	// Before is null for a creation. What is kept as edges is in it only as far
	// as the change depends on it; for each secret that is stored, a PATCH has a
	// stand-in.
	Before scim.Resource
	// After is null for a removal, unless a Derive sets it: then the resource is
	// kept like that, as a document of the type [Removed], without its claims and
	// edges and out of sight, until it is restored or purged. In Derive, a secret
	// that the change sets is in it, and a stand-in for one that stays; in Check,
	// Secrets names those that change.
	After   scim.Resource
	Secrets []string // paths
	// Changed tells in Check whether the resource really changes.
	Changed bool
	// Edges are in Check the changes of what is kept as edges, not to be written to.
	Edges []storage.EdgeChange
	Along
}

// Along is what goes with a change in its batch. What rules add is left out if
// nothing changes.
type Along struct {
	Guards  []storage.Guard
	Claims  []storage.Claim // of the resource, beside those of its unique attributes
	Sides   []storage.Side
	Enqueue []storage.Message
	Dequeue []storage.MessageID
	storage.Effects
	// Rewrite, set by a Derive, gives the resource a new version even if its body
	// stays the same.
	Rewrite bool
}

// isEmpty reports whether nothing goes along.
func (a *Along) isEmpty() bool {
	return len(a.Guards)+len(a.Claims)+len(a.Sides)+len(a.Enqueue)+len(a.Dequeue)+
		len(a.Touches)+len(a.Counters)+len(a.Events) == 0 && !a.Rewrite
}

// Removed is the type of the documents that are kept of removed resources of a
// type. No filter, list or reference sees them.
func Removed(typeName string) string { return "removed." + typeName }

// derive lets every rule set what the server owns.
func (p *Provider) derive(ctx context.Context, s storage.Snapshot, c *Change) error {
	for _, rule := range p.Rules {
		if err := rule.Derive(ctx, s, c); err != nil {
			return err
		}
	}
	return nil
}

// check asks every rule.
func (p *Provider) check(ctx context.Context, s storage.Snapshot, c *Change) error {
	for _, rule := range p.Rules {
		if err := rule.Check(ctx, s, c); err != nil {
			return err
		}
	}
	return nil
}
