package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"roster/auth/federation"
	"roster/storage"
)

// sharing says how accounts share an issuer for an audience. It is a document of
// its own for each pair that somebody trusts, whose revision is the guard that
// keeps two accounts from agreeing on nothing at the same time.
type sharing struct {
	// Claim is what every one of them asks for in "where". "": the one account that
	// has the pair asks for none, or for several, so that no other can have it.
	Claim    string `json:"claim,omitempty"`
	Accounts int    `json:"accounts"`
}

// join adds an account that asks for a claim, if the others take it.
func (s sharing) join(claim string) (sharing, bool) {
	if s.Accounts > 0 && (claim == "" || claim != s.Claim) {
		return s, false
	}
	return sharing{claim, s.Accounts + 1}, true
}

// leave takes an account out.
func (s sharing) leave() sharing { return sharing{s.Claim, max(s.Accounts-1, 0)} }

// asked says which claim an account asks for in tokens of an issuer for an audience:
// "" for none, or several.
func asked(issuers []federation.Issuer) map[[sha256.Size]byte]string {
	claims := map[[sha256.Size]byte]string{}
	for _, i := range issuers {
		key := pairKey(i.URL, i.Audience)
		if earlier, found := claims[key]; found && earlier != i.Where.Claim {
			claims[key] = ""
			continue
		}
		claims[key] = i.Where.Claim
	}
	return claims
}

// share is the batch by which an account trusts other issuers than before. It fails
// with ErrTaken if other accounts do not let it.
func (r *Registry) share(ctx context.Context, before, after []federation.Issuer) (b storage.Batch, err error) {
	had, has := asked(before), asked(after)
	pairs := maps.Clone(had)
	maps.Copy(pairs, has)
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		b = storage.Batch{}
		for pair := range pairs {
			if err := r.changeSharing(ctx, s, &b, pair, had, has); err != nil {
				return err
			}
		}
		return nil
	})
	return b, err
}

func (r *Registry) changeSharing(ctx context.Context, s storage.Snapshot, b *storage.Batch, pair [sha256.Size]byte, had, has map[[sha256.Size]byte]string) error {
	before, leaves := had[pair]
	after, joins := has[pair]
	if leaves == joins && before == after {
		return nil
	}
	id := hex.EncodeToString(pair[:])
	old, err := s.Get(ctx, id)
	guard := storage.Guard(storage.Absent{ID: id})
	var now sharing
	switch {
	case err == nil:
		guard = storage.AtRevision{ID: id, Revision: old.Revision}
		if err := decodeBody(old, &now); err != nil {
			return err
		}
	case !errors.Is(err, storage.ErrNotFound):
		return fmt.Errorf("read sharing: %w", err)
	}
	if leaves {
		now = now.leave()
	}
	if joins {
		ok := false
		if now, ok = now.join(after); !ok {
			return errTrustTaken
		}
	}
	b.Guards = append(b.Guards, guard)
	if now.Accounts == 0 && old != nil {
		b.Deletes = append(b.Deletes, storage.Delete{ID: id})
		return nil
	}
	body, err := json.Marshal(now)
	if err != nil {
		return fmt.Errorf("encode sharing: %w", err)
	}
	b.Puts = append(b.Puts, storage.Put{Document: storage.Document{
		Type: sharingType, ID: id, Version: storage.NewID(), Created: r.clock(), Modified: r.clock(), Body: body,
	}})
	return nil
}
