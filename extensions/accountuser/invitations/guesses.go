package invitations

import (
	"context"
	"errors"

	"roster/scim/provider"
	"roster/storage"
)

const (
	codeLength = 6 // digits
	// maxGuesses at one code. RFC 4226 section 7.3 asks for a bound.
	maxGuesses = 5
)

// guesses names the counter of what was guessed at the present code of a user.
func (e errand) guesses(user string) string { return "guesses:" + e.side + ":" + user }

// takeGuess counts a guess before anybody looks whether it is right, so that of
// many at once no more are looked at than are allowed. It reports whether one was
// left.
func (i *Invitations) takeGuess(ctx context.Context, account storage.Account, e errand, user string) (bool, error) {
	name := e.guesses(user)
	err := i.Users.Provider.Commit(ctx, account, storage.Batch{
		Guards:  []storage.Guard{storage.CounterWithin{Name: name, Max: maxGuesses}},
		Effects: storage.Effects{Counters: []storage.CounterStep{{Name: name, Delta: 1}}},
	})
	if errors.Is(err, storage.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// forgetGuesses starts the count anew, because the code that they were about ends.
// A guess that comes in between makes the change start again.
func (e errand) forgetGuesses(ctx context.Context, s storage.Snapshot, user string, along *provider.Along) error {
	n, err := s.Counter(ctx, e.guesses(user))
	along.Guards = append(along.Guards, storage.CounterWithin{Name: e.guesses(user)})
	if n != 0 {
		along.Counters = append(along.Counters, storage.CounterStep{Name: e.guesses(user), Delta: -n})
	}
	return err
}
