package provider

import (
	"context"
	"fmt"

	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// Computed is how an attribute whose definition is marked "computed" is made, or
// made complete, when it is read.
type Computed struct {
	Type string // resource type
	Path string // of the attribute, such as "urn:...:User:orgUnits"
	// Value returns the attribute as it is shown; stored is what the document
	// keeps of it, null if nothing. An attribute that is returned by default is
	// asked only of documents that keep something of it.
	Value func(ctx context.Context, s storage.Snapshot, c Call, d *storage.Document, stored scim.Value) (scim.Value, error)
}

// findComputed maps the attributes that are marked to how they are made. A mark
// without a function is a fault of the program, and so is the reverse.
func findComputed(types []*schema.ResourceType, list []Computed) (map[*schema.Attribute]Computed, error) {
	byPath := make(map[string]Computed, len(list))
	for _, m := range list {
		byPath[m.Type+" "+m.Path] = m
	}
	found := map[*schema.Attribute]Computed{}
	for _, rt := range types {
		for _, a := range rt.Computed() {
			m, ok := byPath[rt.Name+" "+a.Path()]
			if !ok {
				return nil, fmt.Errorf("nothing computes attribute %s of %s", a.Path(), rt.Name)
			}
			found[a] = m
			delete(byPath, rt.Name+" "+a.Path())
		}
	}
	for path := range byPath {
		return nil, fmt.Errorf("no attribute is marked as computed: %s", path)
	}
	return found, nil
}

// complete returns the resource of a document with these computed attributes.
func (p *Provider) complete(ctx context.Context, s storage.Snapshot, c Call, d *storage.Document, r scim.Resource, attributes []*schema.Attribute) (scim.Resource, error) {
	for _, a := range attributes {
		v, err := p.computed[a].Value(ctx, s, c, d, at(a.Chain(), r))
		if err != nil {
			return r, err
		}
		r = set(a.Chain(), r, v)
	}
	return r, nil
}

// uncomplete puts back what is stored of the attributes that only the server
// makes, after a PATCH that saw them complete.
func (w *write) uncomplete(after scim.Resource) scim.Resource {
	for _, a := range w.rt.Computed() {
		if stored := at(a.Chain(), w.base); a.Mutability == schema.ReadOnly && !stored.Equal(at(a.Chain(), after)) {
			after = set(a.Chain(), after, stored)
		}
	}
	return after
}

// at returns the single-valued attribute, or the list, that the chain leads to.
func at(chain []*schema.Attribute, v scim.Value) scim.Value {
	for _, a := range chain {
		v = v.Get(a.Name)
	}
	return v
}

// wanted lists the computed attributes of a type that an answer holds.
func (pr Projection) wanted(rt *schema.ResourceType, stored scim.Resource) []*schema.Attribute {
	var list []*schema.Attribute
	for _, a := range rt.Computed() {
		asked := pr.Wants(a)
		for up := a.Parent; up.Parent != nil && asked; up = up.Parent {
			asked = pr.Wants(up)
		}
		if asked && (a.Returned == schema.Request || pr.only != nil || !at(a.Chain(), stored).IsNull()) {
			list = append(list, a)
		}
	}
	return list
}
