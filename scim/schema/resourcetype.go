package schema

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster/scim"
)

// Extension adds a schema to a resource type.
type Extension struct {
	Schema   *Schema
	Required bool
}

// ResourceType is a kind of resource with its endpoint (RFC 7643 section 6).
// Make it with NewResourceType.
type ResourceType struct {
	Name        string // also its id
	Endpoint    string // such as "/Users"
	Description string
	Schema      *Schema
	Extensions  []Extension

	// Root is the resource as one complex attribute: the common attributes,
	// those of the schema, and one for each extension.
	Root *Attribute

	// All lists Root and every attribute below it.
	All []*Attribute

	byPath    map[string]*Attribute // all but Root
	linked    []*Attribute
	computed  []*Attribute
	attention map[string]bool // names of the attributes that are not served as they are stored
}

// NewResourceType compiles the attributes of a resource type.
func NewResourceType(name, endpoint, description string, core *Schema, extensions ...Extension) (*ResourceType, error) {
	rt := &ResourceType{Name: name, Endpoint: endpoint, Description: description, Schema: core, Extensions: extensions}
	rt.Root = &Attribute{Type: ComplexType, Mutability: ReadWrite, Returned: Default}
	rt.Root.adopt("", commonSchema().attributes)
	rt.Root.adopt(core.ID, core.attributes)
	for _, e := range extensions {
		ext := &Attribute{Name: e.Schema.ID, Type: ComplexType, Mutability: ReadWrite, Returned: Default,
			Required: e.Required, Schema: e.Schema.ID, Description: e.Schema.Description, Sub: e.Schema.attributes}
		rt.Root.adopt(e.Schema.ID, []*Attribute{ext})
	}
	if err := rt.index(); err != nil {
		return nil, fmt.Errorf("resource type %s: %w", name, err)
	}
	return rt, nil
}

// adopt copies the attributes below a and gives them their place.
func (a *Attribute) adopt(schema string, templates []*Attribute) {
	for _, t := range templates {
		c := *t
		c.Parent, c.Schema, c.Sub = a, schema, nil
		switch {
		case a.Parent == nil:
			c.path = c.Name
		case a.IsExtension():
			c.path = a.path + ":" + c.Name
		default:
			c.path = a.path + "." + c.Name
		}
		c.chain = append(slices.Clip(a.chain), &c)
		a.Sub = append(a.Sub, &c)
		c.adopt(schema, t.Sub)
	}
}

func (rt *ResourceType) index() (err error) {
	rt.byPath, rt.attention = map[string]*Attribute{}, map[string]bool{}
	rt.Root.Walk(func(a *Attribute) {
		if a.Mutability == Immutable && a.ElementOf() == nil {
			for up := a; up != nil; up = up.Parent {
				up.immutableBelow = true
			}
		}
		rt.All = append(rt.All, a)
		if a != rt.Root {
			rt.byPath[a.Path()] = a
		}
		if a.Edge != "" || a.Derived != "" {
			rt.linked = append(rt.linked, a)
		}
		if a.Computed {
			rt.computed = append(rt.computed, a)
		}
		if a.Computed || a.Returned == Request || a.Returned == Never && !a.Secret {
			rt.attention[a.Name] = true
		}
		a.byName = make(map[string]*Attribute, 2*len(a.Sub))
		for _, s := range a.Sub {
			key := strings.ToLower(s.Name)
			if a.byName[key] != nil {
				err = fmt.Errorf("two attributes are called %q", s.Name)
			}
			a.byName[key], a.byName[s.Name] = s, s
		}
		maps.DeleteFunc(a.byName, func(_ string, s *Attribute) bool { return s.Hidden })
	})
	return err
}

// At returns the attribute below Root whose Path that is, or nil. Find takes what
// clients write.
func (rt *ResourceType) At(path string) *Attribute { return rt.byPath[path] }

// Linked lists the attributes that are kept as edges, own or derived.
func (rt *ResourceType) Linked() []*Attribute { return rt.linked }

// Computed lists the attributes that are made, or made complete, when they are
// read.
func (rt *ResourceType) Computed() []*Attribute { return rt.computed }

// Plain reports whether a stored representation, compact JSON, is the default one
// as it is: that it holds no attribute that is computed, or returned only on
// request or never. It goes by the names alone, whatever they are in.
func (rt *ResourceType) Plain(stored []byte) bool {
	for {
		colon := bytes.IndexByte(stored, ':')
		if colon < 0 {
			return true
		}
		if end := colon - 1; end > 0 && stored[end] == '"' {
			name := stored[bytes.LastIndexByte(stored[:end], '"')+1 : end]
			if rt.attention[string(name)] {
				return false
			}
		}
		stored = stored[colon+1:]
	}
}

// Has reports whether an attribute is one of the type's own.
func (rt *ResourceType) Has(a *Attribute) bool {
	for a.Parent != nil {
		a = a.Parent
	}
	return a == rt.Root
}

// ErrUnknownAttribute: no attribute has that name.
var ErrUnknownAttribute = errors.New("unknown attribute")

// Find resolves an attribute path as RFC 7644 section 3.10 writes it, cut by a
// parser that knows no schemas: uri is what stands before the last colon, "" if
// there is none; sub is what stands behind the dot. All in any case. The error
// says which name is unknown; it is ErrUnknownAttribute.
func (rt *ResourceType) Find(p scim.Profile, uri, name, sub string) (*Attribute, error) {
	uri, name, sub = rt.recut(p, uri, name, sub)
	a, err := rt.schemaRoot(uri)
	if err != nil {
		return nil, err
	}
	for _, n := range []string{name, sub} {
		if n == "" {
			continue
		}
		next := a.SubAttribute(n)
		if next == nil && a == rt.Root && uri == "" && p.LooseNames {
			next = rt.inExtensions(n)
		}
		if next == nil {
			return nil, fmt.Errorf("%w %q of resource type %s", ErrUnknownAttribute, scim.Abbreviate(joinPath(uri, name, sub)), rt.Name)
		}
		a = next
	}
	return a, nil
}

// recut puts right what a parser cannot know: a path may be the bare URN of an
// extension, which may have a dot behind its last colon; and some clients write
// a dot for the colon behind a URN.
func (rt *ResourceType) recut(p scim.Profile, uri, name, sub string) (string, string, string) {
	whole := uri + ":" + name
	switch {
	case uri == "":
	case sub == "" && rt.isExtension(whole):
		return whole, "", ""
	case sub != "" && rt.isExtension(whole+"."+sub):
		return whole + "." + sub, "", ""
	case sub != "" && p.LooseNames && (rt.isExtension(whole) || strings.EqualFold(whole, rt.Schema.ID)):
		return whole, sub, ""
	}
	return uri, name, sub
}

func joinPath(uri, name, sub string) string {
	if uri != "" {
		name = uri + ":" + name
	}
	if sub != "" {
		name += "." + sub
	}
	return name
}

// schemaRoot returns the attribute below which a schema's attributes are.
func (rt *ResourceType) schemaRoot(uri string) (*Attribute, error) {
	if uri == "" || strings.EqualFold(uri, rt.Schema.ID) {
		return rt.Root, nil
	}
	if rt.isExtension(uri) {
		return rt.Root.SubAttribute(uri), nil
	}
	return nil, fmt.Errorf("%w: %q is no schema of resource type %s", ErrUnknownAttribute, scim.Abbreviate(uri), rt.Name)
}

func (rt *ResourceType) isExtension(uri string) bool {
	a := rt.Root.SubAttribute(uri)
	return a != nil && a.IsExtension()
}

// inExtensions finds a name that no core attribute has.
func (rt *ResourceType) inExtensions(name string) *Attribute {
	for _, e := range rt.Extensions {
		if a := rt.Root.SubAttribute(e.Schema.ID).SubAttribute(name); a != nil {
			return a
		}
	}
	return nil
}

// IndexName is the name of the index over an attribute's values.
func (rt *ResourceType) IndexName(a *Attribute) string { return rt.Name + ":" + a.Path() }
