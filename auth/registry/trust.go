package registry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"roster/auth/federation"
	"roster/storage"
)

// Trusts returns which accounts trust an issuer for an audience, in the order of
// their names and of what each has set: none if no account does. It is asked on each
// request, and answers from memory like Account. Values are shared: do not change
// them.
//
// Where there are several accounts, all ask for one claim, each for other values: so
// what a token is of is decided by that claim alone.
func (r *Registry) Trusts(ctx context.Context, issuer, audience string) ([]federation.Trust, error) {
	trusts, err := r.trusts.get(pairKey(issuer, audience), r.now(), func() ([]federation.Trust, error) {
		return r.readTrusts(ctx, issuer, audience)
	})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return trusts, err
}

// readTrusts fails with ErrNotFound if there are none, so that what anybody may ask
// for is not remembered.
func (r *Registry) readTrusts(ctx context.Context, issuer, audience string) (trusts []federation.Trust, err error) {
	err = r.store.View(ctx, storage.System, func(s storage.Snapshot) error {
		trusts = nil
		for q := accountsTrusting(issuer, audience); ; {
			page, err := s.Query(ctx, q)
			if err != nil {
				return fmt.Errorf("look up trusts: %w", err)
			}
			for _, d := range page.Documents {
				b, err := accountBodyOf(d)
				if err != nil {
					return err
				}
				trusts = append(trusts, b.trusts(d.ID, issuer, audience)...)
				q.After = &storage.Position{Key: accountName(d), Ordinal: d.Ordinal}
			}
			if len(page.Documents) < q.Limit {
				return nil
			}
		}
	})
	if err == nil && len(trusts) == 0 {
		err = ErrNotFound
	}
	return trusts, err
}

// trusts lists what an account with that id trusts of an issuer for an audience.
func (b *accountBody) trusts(id, issuer, audience string) (trusts []federation.Trust) {
	for _, i := range b.Settings.Issuers {
		if i.URL == issuer && i.Audience == audience {
			trusts = append(trusts, federation.Trust{Account: id, Issuer: i})
		}
	}
	return trusts
}

// accountsTrusting are those that trust an issuer for an audience.
func accountsTrusting(issuer, audience string) storage.Query {
	key := pairKey(issuer, audience)
	return storage.Query{
		Type: accountType,
		Where: &storage.Leaf{
			Index: issuerIndex, Op: storage.Equal, Value: key[:], Text: "account:issuer eq",
			Check: func(_ storage.Snapshot, d *storage.Document) (bool, error) {
				keys, _ := accountIssuers(d)
				return slices.ContainsFunc(keys, func(k []byte) bool { return string(k) == string(key[:]) }), nil
			},
		},
		Sort:  &storage.Sort{Index: nameIndex, Key: accountName},
		Limit: maxPage,
	}
}

// accountIssuers is what the index has of an account: its issuers with their
// audiences.
func accountIssuers(d *storage.Document) (keys [][]byte, first []byte) {
	var b accountBody
	_ = decodeBody(d, &b) // a body that is none trusts nobody
	for _, i := range b.Settings.Issuers {
		key := pairKey(i.URL, i.Audience)
		keys = append(keys, key[:])
	}
	slices.SortFunc(keys, slices.Compare)
	keys = slices.CompactFunc(keys, slices.Equal)
	if len(keys) > 0 {
		first = keys[0]
	}
	return keys, first
}

// trustClaims make what an account trusts its own.
func trustClaims(id string, issuers []federation.Issuer) (claims []storage.Claim) {
	for _, i := range issuers {
		key := digest(i.URL, i.Audience, i.Where.Claim, i.Where.Value)
		claims = append(claims, storage.Claim{Attribute: issuerClaim, Value: key[:], ID: id})
	}
	return claims
}

// errTrustTaken: what two accounts trust would be of both.
var errTrustTaken = fmt.Errorf("one of the issuers with its audience is %w: another account has it; "+
	"several accounts can have it if all of them ask for the same claim in \"where\", and each for other values", ErrTaken)

func pairKey(issuer, audience string) [sha256.Size]byte { return digest(issuer, audience) }

// digest stands for texts that have no NUL, as those of settings: what others send
// with one stands for nothing else then.
func digest(texts ...string) [sha256.Size]byte {
	return sha256.Sum256([]byte(strings.Join(texts, "\x00")))
}
