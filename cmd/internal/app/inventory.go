package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"roster/scim/schema"
	"roster/storage"
)

// inventory is what the store remembers of the definitions of files that it was
// last served with: commands that open the store without a server use them, and a
// server that starts without some of them looks whether they still have data.
type inventory struct {
	Parts   []part          `json:"parts"`
	Sources []schema.Source `json:"sources"`
}

// part is a resource type of a file, or an attribute of one, which may be a whole
// extension: the smallest thing that can vanish.
type part struct {
	Type string `json:"type"`
	// Path is what operators call it: the URN of a resource type's own schema for
	// all of its resources, the URN of an extension, or the path of an attribute
	// with its URN (RFC 7644 section 3.10).
	Path string `json:"path"`
	// Form is the kind of its JSON values; another one is another attribute.
	Form  string   `json:"form"`
	Names []string `json:"names,omitempty"` // of the members that lead to it; none for a resource type
	Edge  string   `json:"edge,omitempty"`
	// Secrets are the side records that keep it, or something in it.
	Secrets []string `json:"secrets,omitempty"`
}

// inventoryDocument is both the id and the type of the one document.
const inventoryDocument = "schemas"

func newInventory(sources []schema.Source, definitions *schema.Definitions) inventory {
	in := inventory{Sources: sources, Parts: []part{}}
	for _, rt := range definitions.Types {
		if slices.Contains(definitions.Schemas, rt.Schema) {
			in.Parts = append(in.Parts, part{Type: rt.Name, Path: rt.Schema.ID, Form: "resource type"})
		}
		for _, a := range rt.All {
			if isOfFile(definitions, a) {
				in.Parts = append(in.Parts, partOf(rt, a))
			}
		}
	}
	return in
}

func isOfFile(d *schema.Definitions, a *schema.Attribute) bool {
	return slices.ContainsFunc(d.Schemas, func(s *schema.Schema) bool { return a.Schema == s.ID }) && a.Derived == ""
}

func partOf(rt *schema.ResourceType, a *schema.Attribute) part {
	p := part{Type: rt.Name, Path: a.Path(), Form: formOf(a), Edge: a.Edge}
	if a.Schema == rt.Schema.ID {
		p.Path = a.Schema + ":" + a.Path()
	}
	for _, up := range a.Chain() {
		p.Names = append(p.Names, up.Name)
	}
	a.Walk(func(a *schema.Attribute) {
		if a.Secret {
			p.Secrets = append(p.Secrets, a.Path())
		}
	})
	return p
}

// formOf is what a value of an attribute is in JSON.
func formOf(a *schema.Attribute) string {
	form := "text"
	switch a.Type {
	case schema.BooleanType, schema.ComplexType:
		form = string(a.Type)
	case schema.IntegerType, schema.DecimalType:
		form = "number"
	}
	if a.MultiValued {
		form = "list of " + form
	}
	if a.Edge != "" || a.Secret {
		form += " kept apart"
	}
	return form
}

// gone lists the parts that are in the inventory and not in another one, without
// those that are in a part that is gone as a whole.
func (in inventory) gone(now inventory) []part {
	var gone []part
	for _, p := range in.Parts {
		there := slices.ContainsFunc(now.Parts, func(n part) bool {
			return n.Type == p.Type && n.Path == p.Path && n.Form == p.Form && n.Edge == p.Edge
		})
		within := slices.ContainsFunc(gone, func(g part) bool {
			return g.Type == p.Type && len(g.Names) < len(p.Names) && slices.Equal(g.Names, p.Names[:len(g.Names)])
		})
		if !there && !within {
			gone = append(gone, p)
		}
	}
	return gone
}

// readInventory returns what the store remembers; one that was never served with
// files remembers nothing.
func readInventory(ctx context.Context, store storage.Store) (in inventory, err error) {
	err = store.View(ctx, storage.System, func(s storage.Snapshot) error {
		d, err := s.Get(ctx, inventoryDocument)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return json.Unmarshal(d.Body, &in)
	})
	if err != nil {
		err = fmt.Errorf("read the definitions that the data was last served with: %w", err)
	}
	return in, err
}

// remember writes the inventory, unless it is there already.
func (in inventory) remember(ctx context.Context, store storage.Store) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	before, err := readInventory(ctx, store)
	if err != nil {
		return err
	}
	if known, err := json.Marshal(before); err != nil || string(known) == string(body) || len(in.Sources)+len(before.Sources) == 0 {
		return err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	_, err = store.Apply(ctx, storage.System, storage.Batch{Puts: []storage.Put{{Document: storage.Document{
		Type: inventoryDocument, ID: inventoryDocument, Version: storage.NewID(), Created: now, Modified: now, Body: body,
	}}}})
	if err != nil {
		err = fmt.Errorf("remember the definitions: %w", err)
	}
	return err
}
