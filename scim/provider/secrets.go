package provider

import (
	"context"
	"crypto/rand"
	"slices"

	"roster/auth"
	"roster/scim"
	"roster/scim/schema"
	"roster/storage"
)

// newSecret is what a client wants a secret attribute to be; "" is no value.
type newSecret struct {
	attribute *schema.Attribute
	text      auth.Secret
}

// kept stands for a secret of which only the hash is there, while a PATCH works
// on the resource. No client can guess it.
var kept = rand.Text()

// maxSecret bounds a secret in bytes.
const maxSecret = 1024

// showSecrets adds a stand-in for each secret of a stored document.
func (w *write) showSecrets(ctx context.Context, s storage.Snapshot, r scim.Resource) (scim.Resource, error) {
	names, err := s.Sides(ctx, w.doc.ID, "", "", 0)
	for _, a := range w.rt.All {
		if a.Secret && slices.Contains(names, a.Path()) {
			r = set(a.Chain(), r, scim.StringValue(kept))
		}
	}
	return r, err
}

// takeSecrets removes the secret attributes from a resource and returns those
// that change.
func takeSecrets(rt *schema.ResourceType, before, r scim.Resource) (scim.Resource, []newSecret, error) {
	var secrets []newSecret
	for _, a := range rt.All {
		if !a.Secret {
			continue
		}
		_, old := cut(a.Chain(), before)
		rest, v := cut(a.Chain(), r)
		switch {
		case old.IsNull() && v.IsNull():
			continue
		case v.Text() == kept:
			r = rest
			continue
		case len(v.Text()) > maxSecret:
			return r, nil, scim.BadRequest(scim.InvalidValue, "attribute %s takes at most %d bytes", a.Path(), maxSecret)
		}
		r, secrets = rest, append(secrets, newSecret{a, auth.Secret(v.Text())})
	}
	return r, secrets, nil
}

// cut takes a single-valued attribute, named by its chain, out of a value.
func cut(chain []*schema.Attribute, v scim.Value) (rest, taken scim.Value) {
	member := v.Get(chain[0].Name)
	if member.IsNull() {
		return v, member
	}
	if len(chain) == 1 {
		return v.With(chain[0].Name, scim.Value{}), member
	}
	if rest, taken = cut(chain[1:], member); rest.IsUnassigned() {
		rest = scim.Value{}
	}
	return v.With(chain[0].Name, rest), taken
}

// set puts a value where the chain leads.
func set(chain []*schema.Attribute, v, member scim.Value) scim.Value {
	if len(chain) > 1 {
		member = set(chain[1:], v.Get(chain[0].Name), member)
	}
	return v.With(chain[0].Name, member)
}

// secrets hashes the secrets of one write: once, however often it starts again.
type secrets struct {
	hasher Hasher
	hashes map[auth.Secret]string
}

func newSecrets(p *Provider) *secrets { return &secrets{p.Hasher, map[auth.Secret]string{}} }

// hash returns the side records, called as the attributes are, that keep the
// secrets of the document with that id.
func (s *secrets) hash(ctx context.Context, id string, changes []newSecret) ([]storage.Side, error) {
	var sides []storage.Side
	for _, c := range changes {
		side := storage.Side{ID: id, Name: c.attribute.Path()}
		if c.text != "" {
			if s.hashes[c.text] == "" {
				h, err := s.hasher.Hash(ctx, c.text)
				if err != nil {
					return nil, err
				}
				s.hashes[c.text] = h
			}
			side.Data = []byte(s.hashes[c.text])
		}
		sides = append(sides, side)
	}
	return sides, nil
}
