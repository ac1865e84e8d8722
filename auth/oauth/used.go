package oauth

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"roster/auth/jwt"
)

// maxUsed bounds how many used assertions are remembered. One takes about 100
// bytes.
const maxUsed = 100_000

// used remembers which assertions were used. If there are too many, any one is
// forgotten: the alternative is to let one client keep all others out.
type used struct {
	max int
	now func() time.Time

	mu  sync.Mutex
	end map[[sha256.Size]byte]time.Time // when it can be forgotten
}

func newUsed(max int, now func() time.Time) *used {
	return &used{max: max, now: now, end: map[[sha256.Size]byte]time.Time{}}
}

// once reports whether a verified assertion is used for the first time, and
// remembers it until then.
func (u *used) once(t jwt.Token, end time.Time) bool {
	key, now := identity(t), u.now()
	u.mu.Lock()
	defer u.mu.Unlock()
	if until, found := u.end[key]; found && now.Before(until) {
		return false
	}
	if len(u.end) >= u.max {
		u.makeRoom(now)
	}
	u.end[key] = end
	return true
}

// makeRoom forgets what has expired, of a few, so that it costs the same however
// many there are, or else any one.
func (u *used) makeRoom(now time.Time) {
	const few = 16
	var looked int
	for key, end := range u.end {
		if !now.Before(end) {
			delete(u.end, key)
		}
		if looked++; looked == few {
			break
		}
	}
	for key := range u.end {
		if len(u.end) < u.max {
			return
		}
		delete(u.end, key)
	}
}

// identity tells the assertions of a client apart: by their id (RFC 7519 section
// 4.1.7), or else by all that they say.
func identity(t jwt.Token) [sha256.Size]byte {
	if id := t.Text("jti"); id != "" {
		return sha256.Sum256(fmt.Appendf(nil, "jti %q %q", t.Subject, id))
	}
	return sha256.Sum256([]byte("all " + t.Signed()))
}
