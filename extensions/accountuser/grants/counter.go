package grants

import (
	"crypto/sha256"
	"encoding/hex"

	"roster/scim"
	"roster/scim/schema"
)

// kind is what a counter counts; a counter of an account is that of a kind and a
// name. It counts documents, each once.
type kind string

// The kinds, by what they count.
const (
	holders       kind = "role:"            // users that have the role themselves; each takes a seat, if it has seats
	indirect      kind = "roleIndirect:"    // groups, other roles, and users in an org unit that give the role
	reserved      kind = "roleReserved:"    // 1 if only users themselves can have the role
	entitled      kind = "entitlement:"     // users, groups and other entitlements that give the entitlement
	unitsBelow    kind = "orgUnitChildren:" // org units whose parent it is
	usersAssigned kind = "orgUnitUsers:"    // users in the org unit
)

// of returns the name of the counter. Names are compared without regard to case;
// of a long one, the beginning and a hash stand for it.
func (k kind) of(name string) string {
	const most = 128
	name = schema.Fold(name)
	if len(name) > most {
		sum := sha256.Sum256([]byte(name))
		name = name[:most] + hex.EncodeToString(sum[:])
	}
	return string(k) + name
}

// names collects the texts of a list, or of one member of its elements.
func names(list scim.Value, member string) []string {
	var all []string
	for _, e := range list.Elements() {
		if member != "" {
			e = e.Get(member)
		}
		if e.Text() != "" {
			all = append(all, e.Text())
		}
	}
	return all
}

// gained lists what is in after and not in before, as it is written, each once;
// with the arguments exchanged, what is lost. Names are compared without regard
// to case.
func gained(before, after []string) []string { return difference(before, after, schema.Fold) }

// exactly compares ids.
func exactly(id string) string { return id }

func difference(before, after []string, normal func(string) string) []string {
	had := make(map[string]bool, len(before))
	for _, name := range before {
		had[normal(name)] = true
	}
	var more []string
	for _, name := range after {
		if n := normal(name); !had[n] {
			had[n] = true
			more = append(more, name)
		}
	}
	return more
}
