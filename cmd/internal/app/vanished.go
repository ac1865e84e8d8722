package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"roster/auth/registry"
	"roster/auth/token"
	"roster/scim"
	"roster/scim/query"
	"roster/storage"
)

// checkVanished refuses to go on without a definition that has data, and says
// what to do about it. It reads every resource of the types that lack something,
// up to the first with data, and nothing where nothing is missing.
func checkVanished(ctx context.Context, store storage.Store, now inventory, folder string) error {
	before, err := readInventory(ctx, store)
	if err != nil {
		return err
	}
	var failure error
	for _, p := range before.gone(now) {
		account, err := accountWith(ctx, store, p)
		if err != nil {
			return err
		}
		if account != "" {
			failure = errors.Join(failure, fmt.Errorf("no file defines %s any more, or not as %s, but account %s has data of it: put the definition back into the folder of --schemas, or remove the data for good with \"roster schema drop %s --data %s\"",
				p.Path, p.Form, account, p.Path, folder))
		}
	}
	return failure
}

// accountWith finds an account that has data of a part, and returns its name.
func accountWith(ctx context.Context, store storage.Store, p part) (name string, err error) {
	err = eachAccount(ctx, store, func(a registry.Account) error {
		if name != "" {
			return nil
		}
		return store.View(ctx, storage.Account(a.ID), func(s storage.Snapshot) error {
			page, err := s.Query(ctx, storage.Query{Type: p.Type, Where: p.where(ctx), Limit: 1})
			if err == nil && len(page.Documents) > 0 {
				name = a.Name
			}
			return err
		})
	})
	return name, err
}

// eachAccount calls do for every account, outside of any snapshot.
func eachAccount(ctx context.Context, store storage.Store, do func(registry.Account) error) error {
	accounts := registry.New(registry.Config{Store: store, Tokens: token.Format{}})
	defer accounts.Close()
	for after := ""; ; {
		page, err := accounts.ListAccounts(ctx, after, 0)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, a := range page {
			if err := do(a); err != nil {
				return err
			}
			after = a.Name
		}
	}
}

// where is the condition that a document has data of the part; nil if every
// document of the type is.
func (p part) where(ctx context.Context) storage.Node {
	if len(p.Names) == 0 {
		return nil
	}
	return &storage.Leaf{Text: p.Type + ":data of a definition", Check: func(s storage.Snapshot, d *storage.Document) (bool, error) {
		return p.has(ctx, s, d)
	}}
}

func (p part) has(ctx context.Context, s storage.Snapshot, d *storage.Document) (bool, error) {
	if p.Edge != "" {
		n, err := s.CountEdges(ctx, p.Edge, storage.Outbound, d.ID)
		return n > 0, err
	}
	name := scim.StringValue(p.Names[len(p.Names)-1]).AppendJSON(nil)
	if bytes.Contains(d.Body, name) { // to parse few documents only
		body := query.Resource(d)
		if !without(body, p.Names).Equal(body) {
			return true, nil
		}
	}
	for _, secret := range p.Secrets {
		_, err := s.Side(ctx, d.ID, secret)
		if !errors.Is(err, storage.ErrNotFound) {
			return err == nil, err
		}
	}
	return false, nil
}

// without takes what the names lead to out of a value, and what becomes empty.
func without(v scim.Value, names []string) scim.Value {
	if v.Kind() == scim.Array {
		var kept []scim.Value
		for _, e := range v.Elements() {
			if e = without(e, names); !e.IsUnassigned() {
				kept = append(kept, e)
			}
		}
		return scim.ArrayValue(kept...)
	}
	member := v.Get(names[0])
	switch {
	case member.IsNull():
		return v
	case len(names) == 1:
		return v.With(names[0], scim.Value{})
	}
	if member = without(member, names[1:]); member.IsUnassigned() {
		member = scim.Value{}
	}
	return v.With(names[0], member)
}
