package memory

import (
	"fmt"

	"roster/storage"
)

// Limits of the contract, in bytes.
const (
	maxID       = 64
	maxVersion  = 64
	maxSideName = 256
)

// validate refuses a batch that no state could take.
func validate(b *storage.Batch) error {
	if err := validateDocuments(b); err != nil {
		return err
	}
	if err := validateEdges(b.Edges); err != nil {
		return err
	}
	for _, s := range b.Sides {
		if len(s.Name) > maxSideName {
			return fmt.Errorf("side record of %q: name has %d bytes, at most %d are allowed", s.ID, len(s.Name), maxSideName)
		}
	}
	return nil
}

func validateDocuments(b *storage.Batch) error {
	named := make(map[string]bool)
	for i := range b.Puts {
		if err := validateNamed(named, b.Puts[i].ID, b.Puts[i].Version); err != nil {
			return fmt.Errorf("put: %w", err)
		}
	}
	for _, d := range b.Deletes {
		if err := validateNamed(named, d.ID, versionOf(d.Neighbours)); err != nil {
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

func versionOf(s *storage.Stamp) string {
	if s == nil {
		return ""
	}
	return s.Version
}

// validateNamed also notes the id, and refuses one that was noted before.
func validateNamed(named map[string]bool, id, version string) error {
	if named[id] {
		return fmt.Errorf("document %q appears more than once in the batch", id)
	}
	named[id] = true
	if len(version) > maxVersion {
		return fmt.Errorf("document %q: version has %d bytes, at most %d are allowed", id, len(version), maxVersion)
	}
	return validateID(id)
}

func validateID(id string) error {
	if id == "" || len(id) > maxID {
		return fmt.Errorf("id %.80q has %d bytes, it must have 1 to %d", id, len(id), maxID)
	}
	return nil
}

func validateEdges(changes []storage.EdgeChange) error {
	for i := range changes {
		for _, edges := range [][]storage.Edge{changes[i].Remove, changes[i].Add} {
			for j := range edges {
				if err := validateEdge(&edges[j]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func validateEdge(e *storage.Edge) error {
	if err := validateID(e.From); err != nil {
		return fmt.Errorf("edge %s from: %w", e.Kind, err)
	}
	if err := validateID(e.To); err != nil {
		return fmt.Errorf("edge %s to: %w", e.Kind, err)
	}
	return nil
}
