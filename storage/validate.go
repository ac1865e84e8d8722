package storage

import (
	"errors"
	"fmt"
)

// Limits of every engine, in bytes. Names are those of types, attributes of
// claims, kinds, counters, queues, messages, side records, and ids of batches.
const (
	maxID      = 64
	maxVersion = 64
	maxName    = 256
)

// Validate refuses a batch that no state of an engine could take: what it names
// twice, and what is empty or too long. Apply of every engine begins with it.
func (b *Batch) Validate(account Account) error {
	if err := account.Validate(); err != nil {
		return err
	}
	if len(b.ID) > maxName {
		return fmt.Errorf("batch id has %d bytes, at most %d are allowed", len(b.ID), maxName)
	}
	for _, validate := range []func(*Batch) error{
		validateDocuments, validateEdges, validateSides, validateEffects, validateQueue,
	} {
		if err := validate(b); err != nil {
			return err
		}
	}
	return nil
}

// Validate refuses the name of an account that no engine takes.
func (a Account) Validate() error { return validateName("account", string(a)) }

func validateDocuments(b *Batch) error {
	named := make(map[string]bool)
	for i := range b.Puts {
		p := &b.Puts[i]
		if err := errors.Join(validateNamed(named, p.ID, p.Version), validateName("type", p.Type),
			validateStamp(p.Neighbours), validateClaims(p.Claims)); err != nil {
			return fmt.Errorf("put: %w", err)
		}
	}
	for _, d := range b.Deletes {
		if err := errors.Join(validateNamed(named, d.ID, ""), validateStamp(d.Neighbours)); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
	}
	for _, t := range b.Touches {
		if err := validateNamed(named, t.ID, t.Version); err != nil {
			return fmt.Errorf("touch: %w", err)
		}
	}
	return nil
}

// validateNamed also notes the id, and refuses one that was noted before.
func validateNamed(named map[string]bool, id, version string) error {
	if named[id] {
		return fmt.Errorf("document %q appears more than once in the batch", id)
	}
	named[id] = true
	return errors.Join(validateID(id), validateVersion(version))
}

func validateID(id string) error {
	if id == "" || len(id) > maxID {
		return fmt.Errorf("id %.80q has %d bytes, it must have 1 to %d", id, len(id), maxID)
	}
	return nil
}

func validateVersion(version string) error {
	if len(version) > maxVersion {
		return fmt.Errorf("version has %d bytes, at most %d are allowed", len(version), maxVersion)
	}
	return nil
}

func validateStamp(s *Stamp) error {
	if s == nil {
		return nil
	}
	return validateVersion(s.Version)
}

func validateName(what, name string) error {
	if name == "" || len(name) > maxName {
		return fmt.Errorf("%s %.80q has %d bytes, it must have 1 to %d", what, name, len(name), maxName)
	}
	return nil
}

func validateClaims(claims []Claim) error {
	for _, c := range claims {
		if err := validateName("attribute of a claim", c.Attribute); err != nil {
			return err
		}
	}
	return nil
}

func validateEdges(b *Batch) error {
	for i := range b.Edges {
		for _, edges := range [][]Edge{b.Edges[i].Remove, b.Edges[i].Add} {
			for j := range edges {
				e := &edges[j]
				if err := errors.Join(validateName("kind", e.Kind), validateID(e.From), validateID(e.To)); err != nil {
					return fmt.Errorf("edge: %w", err)
				}
			}
		}
	}
	return nil
}

func validateSides(b *Batch) error {
	for _, s := range b.Sides {
		if len(s.Name) > maxName {
			return fmt.Errorf("side record of %q: name has %d bytes, at most %d are allowed", s.ID, len(s.Name), maxName)
		}
	}
	return nil
}

func validateEffects(b *Batch) error {
	effects := []*Effects{&b.Effects}
	for i := range b.Edges {
		effects = append(effects, &b.Edges[i].IfChanged)
	}
	for _, e := range effects {
		for _, t := range e.Touches {
			if err := validateVersion(t.Version); err != nil {
				return fmt.Errorf("touch: %w", err)
			}
		}
		for _, event := range e.Events {
			if len(event.Subject) > maxID {
				return fmt.Errorf("subject of an event has %d bytes, at most %d are allowed", len(event.Subject), maxID)
			}
		}
		for _, s := range e.Counters {
			if err := validateName("counter", s.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

func validateQueue(b *Batch) error {
	for _, m := range b.Enqueue {
		if err := errors.Join(validateName("queue", m.Queue), validateName("message id", m.ID)); err != nil {
			return err
		}
	}
	return nil
}
