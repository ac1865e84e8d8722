package bolt

import (
	"crypto/sha256"

	"roster/storage"
)

// maxClaim is the longest value that is a key itself; a longer one is replaced
// by its hash, so that the key has a bound.
const maxClaim = 256

func claimKey(attribute string, value []byte) []byte {
	key := appendText(nil, attribute)
	if len(value) <= maxClaim {
		return append(append(key, 0), value...)
	}
	hash := sha256.Sum256(value)
	return append(append(key, 1), hash[:]...)
}

// owner returns the id that holds a claim, "" if none does.
func (a *account) owner(key []byte) string { return string(a.in(claims).get(key)) }

// holdings is who holds which claim after a batch, as far as it differs from
// before: key -> id, "" for a claim that was released.
type holdings map[string]string

func (h holdings) release(d *storage.Document) {
	for _, c := range d.Claims {
		h[string(claimKey(c.Attribute, c.Value))] = ""
	}
}

// take gives a claim to an id, if nobody else holds it.
func (h holdings) take(a *account, c storage.Claim, id string) bool {
	key := claimKey(c.Attribute, c.Value)
	owner, decided := h[string(key)]
	if !decided {
		owner = a.owner(key)
	}
	if owner != "" && owner != id {
		return false
	}
	h[string(key)] = id
	return true
}

func (h holdings) write(a *account) {
	for key, id := range h {
		switch {
		case id == "":
			a.remove(claims, []byte(key))
		case a.owner([]byte(key)) != id:
			a.put(claims, []byte(key), []byte(id))
		}
	}
}
