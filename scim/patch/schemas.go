package patch

import (
	"strings"

	"roster/scim"
	"roster/scim/schema"
)

// editSchemas applies an operation to `schemas` itself, which is what the
// attributes make it (RFC 7643 section 3): URNs that are added are checked, an
// extension whose URN is removed goes.
func (e *editor) editSchemas(r scim.Resource, op Op) (scim.Resource, error) {
	if op.Kind == Remove {
		return e.removeSchemas(r, op)
	}
	if op.Path.Where != nil {
		return scim.Value{}, scim.BadRequest(scim.Mutability, "schemas follows from the attributes of the resource; add or remove those")
	}
	listed, err := op.Path.Attribute.Accept(op.Value, e.profile)
	switch {
	case err != nil:
		return scim.Value{}, err
	case listed.IsNull() && op.Kind == Replace:
		return scim.Value{}, scim.BadRequest(scim.InvalidValue, "schemas cannot be empty")
	}
	for _, urn := range listed.Elements() {
		if !e.profile.LooseSchemas && !e.knows(urn.Text()) {
			return scim.Value{}, scim.BadRequest(scim.InvalidValue, "%q is no schema of resource type %s", scim.Abbreviate(urn.Text()), e.rt.Name)
		}
	}
	return r, nil
}

func (e *editor) knows(urn string) bool {
	return strings.EqualFold(urn, e.rt.Schema.ID) || e.extension(urn) != nil
}

// extension returns the attribute of an extension, or nil.
func (e *editor) extension(urn string) *schema.Attribute {
	if a := e.rt.Root.SubAttribute(urn); a != nil && a.IsExtension() {
		return a
	}
	return nil
}

func (e *editor) removeSchemas(r scim.Resource, op Op) (scim.Resource, error) {
	going, err := e.goingSchemas(r, op)
	if err != nil {
		return scim.Value{}, err
	}
	for _, urn := range going {
		if strings.EqualFold(urn, e.rt.Schema.ID) {
			return scim.Value{}, scim.BadRequest(scim.Mutability, "the schema %s of resource type %s cannot be removed", e.rt.Schema.ID, e.rt.Name)
		}
		a := e.extension(urn)
		if a == nil {
			continue
		}
		r, err = update(a, r, func(present scim.Value) (scim.Value, error) { return remove(a, present) })
		if err != nil {
			return scim.Value{}, err
		}
	}
	return r, nil
}

// goingSchemas returns the URNs that a remove means: those of its value, those
// that its filter selects, or all that the resource has.
func (e *editor) goingSchemas(r scim.Resource, op Op) (urns []string, err error) {
	listed := e.rt.WithSchemas(r).Get("schemas")
	if op.Path.Where == nil && !op.Value.IsNull() {
		if listed, err = op.Path.Attribute.Accept(unwrap(op.Path.Attribute, op.Value), e.profile); err != nil {
			return nil, err
		}
	}
	for _, urn := range listed.Elements() {
		if op.selects(urn) {
			urns = append(urns, urn.Text())
		}
	}
	return urns, nil
}
