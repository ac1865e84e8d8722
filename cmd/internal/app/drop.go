package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roster/auth/registry"
	"roster/scim"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// Dropped says how many resources of an account lost data, or went.
type Dropped struct {
	Account   string `json:"account"`
	Resources int    `json:"resources"`
}

// ErrNoDefinition: the data was not last served with a definition of that name.
var ErrNoDefinition = errors.New("no such definition")

// DropSchema removes the data of a definition that a file made, from all
// accounts: all resources for the URN of a resource type's schema, else what
// resources have of an extension or an attribute, named with its URN. No server
// may run. It goes in steps of at most a thousand resources, calls progress after each,
// and can be called again after it was broken off. Nothing but Data and Logger of
// c is used.
func DropSchema(ctx context.Context, c Config, path string, progress func(Dropped)) (_ []Dropped, err error) {
	if err := expectDatabase(c.Data); err != nil {
		return nil, err
	}
	a, err := reopen(c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	in, err := readInventory(ctx, a.store)
	if err != nil {
		return nil, err
	}
	parts, err := in.named(path)
	if err != nil {
		return nil, err
	}
	all := []Dropped{}
	err = eachAccount(ctx, a.store, func(account registry.Account) error {
		done := Dropped{Account: account.Name}
		for _, p := range parts {
			d := dropper{a.store, storage.Account(account.ID), p, a.typeOf(p.Type)}
			if err := d.run(ctx, func(n int) { done.Resources += n; progress(done) }); err != nil {
				return fmt.Errorf("account %s, after %d resources: %w; run the command again", account.Name, done.Resources, err)
			}
		}
		all = append(all, done)
		return nil
	})
	return all, err
}

// named returns the parts of that path: an extension may belong to several types.
func (in inventory) named(path string) (parts []part, err error) {
	var known []string
	for _, p := range in.Parts {
		if strings.EqualFold(p.Path, path) {
			parts = append(parts, p)
		}
		known = append(known, p.Path)
	}
	if len(parts) > 0 {
		return parts, nil
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("%w %q: the data was last served without files of definitions", ErrNoDefinition, path)
	}
	return nil, fmt.Errorf("%w %q: there are %s", ErrNoDefinition, path, strings.Join(slices.Compact(known), ", "))
}

// dropper removes the data of a part from an account.
type dropper struct {
	store   storage.Store
	account storage.Account
	part    part
	rt      *schema.ResourceType
}

// How many resources one batch changes; of those with edges fewer, because each
// may have very many.
const (
	dropStep     = 1000
	dropEdgeStep = 10
)

func (d dropper) run(ctx context.Context, progress func(int)) error {
	for after := ""; ; {
		var page storage.Page
		var batch storage.Batch
		err := d.store.View(ctx, d.account, func(s storage.Snapshot) (err error) {
			if page, err = s.Query(ctx, d.page(ctx, after)); err == nil {
				batch, err = d.batch(ctx, s, page.Documents)
			}
			return err
		})
		if err != nil || len(page.Documents) == 0 {
			return err
		}
		if _, err := d.store.Apply(ctx, d.account, batch); err != nil {
			return err
		}
		after = page.Documents[len(page.Documents)-1].ID
		progress(len(page.Documents))
	}
}

// page asks for documents with data of the part, by id, so that those before it
// are not looked at again.
func (d dropper) page(ctx context.Context, after string) storage.Query {
	where := storage.And{&storage.Leaf{
		Index: storage.IDIndex, Op: storage.Greater, Value: []byte(after), Text: d.part.Type + ":id gt",
		Check: func(_ storage.Snapshot, doc *storage.Document) (bool, error) { return doc.ID > after, nil },
	}}
	if data := d.part.where(ctx); data != nil {
		where = append(where, data)
	}
	byID := &storage.Sort{Index: storage.IDIndex, Key: func(doc *storage.Document) []byte { return []byte(doc.ID) }}
	q := storage.Query{Type: d.part.Type, Where: where, Sort: byID, Limit: dropStep}
	if d.part.Edge != "" {
		q.Limit = dropEdgeStep
	}
	return q
}

func (d dropper) batch(ctx context.Context, s storage.Snapshot, documents []*storage.Document) (b storage.Batch, err error) {
	for _, doc := range documents {
		stamp := storage.Stamp{Version: storage.NewID(), Modified: later(doc.Modified)}
		if len(d.part.Names) == 0 {
			b.Deletes = append(b.Deletes, storage.Delete{ID: doc.ID, Neighbours: &stamp})
			continue
		}
		b.Guards = append(b.Guards, storage.AtRevision{ID: doc.ID, Revision: doc.Revision})
		b.Puts = append(b.Puts, d.put(doc, stamp))
		for _, secret := range d.part.Secrets {
			b.Sides = append(b.Sides, storage.Side{ID: doc.ID, Name: secret})
		}
		if d.part.Edge != "" {
			edges, err := s.Edges(ctx, d.part.Edge, storage.Outbound, doc.ID, "", 0)
			if err != nil {
				return b, err
			}
			b.Edges = append(b.Edges, storage.EdgeChange{Remove: edges})
		}
	}
	return b, nil
}

// put is the document without the data.
func (d dropper) put(doc *storage.Document, stamp storage.Stamp) storage.Put {
	body := without(query.Resource(doc).With("meta", scim.Value{}), d.part.Names)
	next := *doc
	next.Version, next.Modified = stamp.Version, stamp.Modified
	next.Body = d.rt.WithSchemas(body).AppendJSON(nil)
	next.Claims = slices.DeleteFunc(slices.Clone(doc.Claims), func(c storage.Claim) bool { return d.part.holds(c.Attribute) })
	return storage.Put{Document: next}
}

// holds reports whether the index or claim of that name is about the part.
func (p part) holds(name string) bool {
	own := p.Type + ":" + strings.Join(p.Names, ".")
	if strings.Contains(p.Names[0], ":") { // an extension's URN
		own = p.Type + ":" + p.Path
	}
	rest, found := strings.CutPrefix(name, own)
	return found && (rest == "" || rest[0] == ':' || rest[0] == '.')
}

// later is the time of a change of what was last changed then.
func later(modified time.Time) time.Time {
	if now := time.Now().UTC().Truncate(time.Millisecond); now.After(modified) {
		return now
	}
	return modified
}
