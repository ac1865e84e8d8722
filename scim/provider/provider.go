// Package provider is where the protocol, storage and principals meet: the use
// cases create, get, query, replace, patch and delete, for any resource type.
//
// A write reads a snapshot, computes everything outside of any lock, and applies
// one batch whose guards name what it relied on. If something changed meanwhile,
// it starts again from the read; after ten times it gives up with 503. A
// successful answer means that the change is on disk.
//
// Errors for the client are *scim.Error; anything else is a fault of the server
// and must not be shown.
package provider

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"hash/maphash"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"time"

	"roster/auth"
	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// Config of a provider.
type Config struct {
	Store  storage.Store          // required
	Types  []*schema.ResourceType // required
	Hasher Hasher                 // required if a type has a secret attribute
	Rules  []Rule                 // what every change must pass, in order
	// Computed are how the attributes that are marked so are made.
	Computed []Computed
	// Representations are other forms of types, for the clients of some accounts.
	Representations []Representation
	// Knows tells whether the server knows what a value of a grant attribute,
	// such as a role, names. Default: it knows none.
	Knows func(ctx context.Context, s storage.Snapshot, a *schema.Attribute, value string) (bool, error)
	// Enqueued is told of an account that has messages waiting because of a change.
	// Default: nobody is told.
	Enqueued func(account Account)
	// CursorKey seals cursors: 16 or 32 bytes. Default: random, so that cursors
	// end with the process.
	CursorKey []byte
	Now       func() time.Time // default time.Now
	Logger    *slog.Logger     // default slog.Default
}

// Hasher turns a secret into what is stored instead of it.
type Hasher interface {
	Hash(ctx context.Context, secret auth.Secret) (string, error)
}

// Account is the identifier of a tenant.
type Account = storage.Account

// Call is on whose behalf and how a use case runs.
type Call struct {
	Account Account
	Profile scim.Profile
	Limits  scim.Limits
	Scope   string // what the principal may do; cursors are bound to it and to Domain
	// Domain is the provisioning domain whose external ids are seen and set (RFC 7643
	// section 3.1), "" for the account's own.
	Domain string
	Base   string // URL of the SCIM root, for locations, such as "https://example.com/scim/v2"

	Actor       Actor
	Correlation string // of the request, for the log
	Source      string // by which way in, such as "scim"
	Address     string // of the client, "" if there is none
}

// Actor is who makes a change.
type Actor struct {
	ID   string // of the token or user, or what the server calls itself
	Name string // for people
	User string // id of the resource that the caller is, "" if none
	// Method is how it showed who it is, such as "token"; "" for the server itself.
	Method string
}

// Provider serves the resource types of its Config. It is safe for concurrent use.
type Provider struct {
	Config
	byName   map[string]*schema.ResourceType
	computed map[*schema.Attribute]Computed
	turns    [256]chan struct{}
	cursors  cipher.AEAD
	seed     maphash.Seed
}

// New returns a provider. It fails if the cursor key is of a wrong length.
func New(c Config) (*Provider, error) {
	if c.CursorKey == nil {
		c.CursorKey = make([]byte, 32)
		rand.Read(c.CursorKey) // never fails
	}
	cursors, err := sealer(c.CursorKey)
	if err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Knows == nil {
		c.Knows = func(context.Context, storage.Snapshot, *schema.Attribute, string) (bool, error) { return false, nil }
	}
	if c.Enqueued == nil {
		c.Enqueued = func(Account) {}
	}
	p := &Provider{Config: c, byName: map[string]*schema.ResourceType{}, seed: maphash.MakeSeed(), cursors: cursors}
	for i := range p.turns {
		p.turns[i] = make(chan struct{}, 1)
	}
	for _, rt := range c.Types {
		p.byName[rt.Name] = rt
	}
	if p.computed, err = findComputed(c.Types, c.Computed); err != nil {
		return nil, err
	}
	return p, p.checkRepresentations()
}

// now is the time of a change, as precise as documents keep it.
func (p *Provider) now() time.Time { return p.Now().UTC().Truncate(time.Millisecond) }

// attempts is how often a write that met a conflict starts again.
const attempts = 10

// retry runs a write until no conflict of guards stands in its way. A conflict
// that the client can mend is told at once. Those that failed once wait for
// their turn at the same resource, so that many clients do not keep one another
// from ever being first.
func (p *Provider) retry(ctx context.Context, account Account, id string, write func() error) error {
	for n := range attempts {
		if n == 1 {
			turn := p.turn(account, id)
			select {
			case turn <- struct{}{}:
				defer func() { <-turn }()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		err := write()
		var conflict *storage.ConflictError
		if !errors.As(err, &conflict) {
			return err
		}
		if refusal := explain(conflict); refusal != nil {
			return refusal
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(mathrand.Int64N(int64(time.Millisecond) << n))):
		}
	}
	return Busy
}

// turn is where writers of a resource queue. A few resources share one.
func (p *Provider) turn(account Account, id string) chan struct{} {
	return p.turns[maphash.String(p.seed, string(account)+"/"+id)%uint64(len(p.turns))]
}

// Busy says that too many others change the same resource: 503, to be tried again.
var Busy = scim.Errorf(http.StatusServiceUnavailable, "", "others change the same resource all the time; try again")

// explain says what a guard means for the client, and nothing for guards that
// only ask for another attempt.
func explain(c *storage.ConflictError) error {
	switch g := c.Guard.(type) {
	case storage.Claim:
		return scim.Errorf(http.StatusConflict, scim.Uniqueness, "%s has a value that another resource has already; it must be unique", attributeOf(g.Attribute))
	case storage.Exists:
		return unknownReference(g.ID)
	}
	return nil
}

func unknownReference(id string) error {
	return scim.BadRequest(scim.InvalidValue, "there is no resource %q to refer to; create it first or leave it out", scim.Abbreviate(id))
}

// attributeOf is the attribute in a claim's or index's name, "User:userName".
func attributeOf(name string) string {
	_, attribute, _ := strings.Cut(name, ":")
	return attribute
}

// document reads a resource of the type.
func document(ctx context.Context, s storage.Snapshot, rt *schema.ResourceType, id string) (*storage.Document, error) {
	d, err := s.Get(ctx, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && d.Type != rt.Name {
		return nil, scim.NotFound(rt.Name, id)
	}
	return d, err
}
