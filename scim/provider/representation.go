package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// Representation is another form in which the resources of a type are answered to
// the clients of some accounts. What they send, filter and sort by keeps the names
// of the type itself, and attributes are not chosen from: each resource is whole.
type Representation struct {
	// Type is what those clients discover instead of the type with its name.
	Type *schema.ResourceType
	// For tells whose clients they are.
	For func(scim.Profile) bool
	// ID is the path of the unique text, on the top level, that is shown as `id`.
	// Resources are found by it, and by their own id too.
	ID string
	// Show returns the representation of a whole resource, to which `id` and `meta`
	// are added.
	Show func(scim.Resource) scim.Resource
}

// checkRepresentations refuses those of what is not there: a fault of the program.
func (p *Provider) checkRepresentations() error {
	for _, r := range p.Representations {
		rt := p.byName[r.Type.Name]
		if rt == nil {
			return fmt.Errorf("resource type %s has a representation, but is not served", r.Type.Name)
		}
		if a := rt.Root.SubAttribute(r.ID); a == nil || a.Type != schema.StringType || a.Uniqueness == schema.NotUnique || !a.Required {
			return fmt.Errorf("attribute %s of %s cannot be shown as the id: it is no unique text that is always there", r.ID, r.Type.Name)
		}
	}
	return nil
}

// Represented lists types as the clients of an account discover them.
func (p *Provider) Represented(profile scim.Profile, types []*schema.ResourceType) []*schema.ResourceType {
	discovered := slices.Clone(types)
	for i, rt := range types {
		if as := p.representation(profile, rt); as != nil {
			discovered[i] = as.Type
		}
	}
	return discovered
}

// representation returns that of a type for the clients of an account, nil if it
// is answered as it is.
func (p *Provider) representation(profile scim.Profile, rt *schema.ResourceType) *Representation {
	for i := range p.Representations {
		if r := &p.Representations[i]; r.Type.Name == rt.Name && r.For(profile) {
			return r
		}
	}
	return nil
}

// represent makes r the answer with a document in another form.
func (p *Provider) represent(ctx context.Context, s storage.Snapshot, c Call, rt *schema.ResourceType, d *storage.Document, as *Representation, r *Resource) error {
	whole, err := p.tree(ctx, s, c, rt, d, Projection{})
	if err != nil {
		return err
	}
	id := whole.Get(as.ID)
	r.ID, r.Location = id.Text(), c.location(rt, id.Text())
	meta := whole.Get("meta").With("location", scim.StringValue(r.Location))
	r.JSON = as.Show(whole).With("id", id).With("meta", meta).AppendJSON(nil)
	return nil
}

// find reads the resource that the clients of an account call by that id.
func (p *Provider) find(ctx context.Context, s storage.Snapshot, c Call, rt *schema.ResourceType, id string) (*storage.Document, error) {
	as := p.representation(c.Profile, rt)
	if as == nil {
		return document(ctx, s, rt, id)
	}
	a := rt.Root.SubAttribute(as.ID)
	value, _ := a.Normal(scim.StringValue(id))
	owner, err := s.Owner(ctx, rt.IndexName(a), []byte(value))
	switch {
	case errors.Is(err, storage.ErrNotFound):
		owner = id
	case err != nil:
		return nil, err
	}
	return document(ctx, s, rt, owner)
}
