package bolt

import (
	"errors"
	"fmt"

	"roster/storage"
)

// Limits of the contract and, for names, of this engine's keys, in bytes.
const (
	maxID      = 64
	maxVersion = 64
	maxName    = 256
)

// validate refuses a batch that no state could take.
func validate(account storage.Account, b *storage.Batch) error {
	if err := validateName("account", string(account)); err != nil {
		return err
	}
	if len(b.ID) > maxName {
		return fmt.Errorf("batch id has %d bytes, at most %d are allowed", len(b.ID), maxName)
	}
	for _, validate := range []func(*storage.Batch) error{
		validateDocuments, validateEdges, validateSides, validateEffects, validateQueue,
	} {
		if err := validate(b); err != nil {
			return err
		}
	}
	return nil
}

func validateDocuments(b *storage.Batch) error {
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

func validateStamp(s *storage.Stamp) error {
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

func validateClaims(claims []storage.Claim) error {
	for _, c := range claims {
		if err := validateName("attribute of a claim", c.Attribute); err != nil {
			return err
		}
	}
	return nil
}

func validateEdges(b *storage.Batch) error {
	for i := range b.Edges {
		for _, edges := range [][]storage.Edge{b.Edges[i].Remove, b.Edges[i].Add} {
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

func validateSides(b *storage.Batch) error {
	for _, s := range b.Sides {
		if len(s.Name) > maxName {
			return fmt.Errorf("side record of %q: name has %d bytes, at most %d are allowed", s.ID, len(s.Name), maxName)
		}
	}
	return nil
}

func validateEffects(b *storage.Batch) error {
	effects := []*storage.Effects{&b.Effects}
	for i := range b.Edges {
		effects = append(effects, &b.Edges[i].IfChanged)
	}
	for _, e := range effects {
		for _, t := range e.Touches {
			if err := validateVersion(t.Version); err != nil {
				return fmt.Errorf("touch: %w", err)
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

func validateQueue(b *storage.Batch) error {
	for _, m := range b.Enqueue {
		if err := errors.Join(validateName("queue", m.Queue), validateName("message id", m.ID)); err != nil {
			return err
		}
	}
	return nil
}
