package factor

import (
	"encoding/binary"
	"fmt"
	"strings"

	"roster/auth"
)

// Purpose says what something is good for, such as "invitation": 1 to 16 lower-case
// letters. What is of one purpose is worth nothing for another.
type Purpose string

// Use says what a one-time token, a code or a sealed value is good for, and for
// whom.
type Use struct {
	Purpose Purpose
	Account string // id
	User    string // id
}

// oneTimePrefix starts every one-time token.
const oneTimePrefix = "roster_once_"

// OneTimePattern is the regular expression of a whole one-time token.
const OneTimePattern = `roster_once_[a-z]{1,16}_[0-9a-f]{64}[0-9A-Za-z]{49}`

// Mint returns a new one-time token of 256 random bits, which also says its use:
//
//	roster_once_ purpose _ account user random checksum
//
// The ids are their 32 hexadecimal digits, the rest is as in package token. It
// fails with ErrToken if the purpose is none or the ids are no UUIDs. Only its Hash
// is to be stored.
func (u Use) Mint() (auth.Secret, error) {
	if !u.Purpose.valid() {
		return "", fmt.Errorf("%w: the purpose %q is not 1 to 16 lower-case letters", ErrToken, u.Purpose)
	}
	return mint(oneTimePrefix+string(u.Purpose)+"_", u.Account, u.User)
}

// ParseOneTime returns the use that a one-time token claims, so that what is stored
// can be found. It proves nothing: anybody can write such a text, only Matches tells
// whether it was minted. It fails with ErrToken.
func ParseOneTime(s auth.Secret) (Use, error) {
	rest, ok := strings.CutPrefix(s.Reveal(), oneTimePrefix)
	purpose, _, found := strings.Cut(rest, "_")
	u := Use{Purpose: Purpose(purpose)}
	if !ok || !found || !u.Purpose.valid() {
		return Use{}, fmt.Errorf("%w: it is no one-time token", ErrToken)
	}
	if err := parse(s, oneTimePrefix+purpose+"_", &u.Account, &u.User); err != nil {
		return Use{}, err
	}
	return u, nil
}

func (p Purpose) valid() bool {
	return len(p) >= 1 && len(p) <= 16 && strings.Trim(string(p), "abcdefghijklmnopqrstuvwxyz") == ""
}

// bytes is different for each use: every part is led by its length.
func (u Use) bytes() []byte {
	var b []byte
	for _, part := range []string{string(u.Purpose), u.Account, u.User} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}
