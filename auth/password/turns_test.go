package password

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"roster/auth"
)

// TestTurns takes the only turn and lets a second caller give up while it waits.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Config{Memory: 8, Time: 1, Threads: 1, Concurrent: 1})
		h.turns <- struct{}{}
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, err := h.Hash(ctx, "secret")
			failed <- err
		}()
		synctest.Wait()
		require.Empty(t, failed, "it waits for its turn")
		cancel()
		require.ErrorIs(t, <-failed, context.Canceled)

		go func() {
			_, err := h.Hash(t.Context(), "secret")
			failed <- err
		}()
		synctest.Wait()
		<-h.turns
		require.NoError(t, <-failed)
		require.Empty(t, h.turns, "turns are given back")
	})
}

// TestAllWorkTakesTurns: with the only turn taken, nothing is hashed, whatever the
// algorithm, and the refusals that must cost as much as others wait too.
func TestAllWorkTakesTurns(t *testing.T) {
	const (
		bcrypt = "$2b$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG"
		pbkdf2 = "$pbkdf2-sha256$1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	)
	verify := func(stored string, sent auth.Secret) func(*Hasher) error {
		return func(h *Hasher) error {
			same, err := h.Verify(context.Background(), stored, sent)
			if same {
				return errors.New("the password is wrong")
			}
			return err
		}
	}
	works := map[string]func(*Hasher) error{
		"bcrypt":                     verify(bcrypt, "other"),
		"bcrypt, more than 72 bytes": verify(bcrypt, auth.Secret(strings.Repeat("x", 73))),
		"PBKDF2":                     verify(pbkdf2, "other"),
		"nobody":                     func(h *Hasher) error { return h.Burn(context.Background(), "other") },
	}
	for name, work := range works {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := New(Config{Memory: 8, Time: 1, Threads: 1, Concurrent: 1})
				h.turns <- struct{}{}
				done := make(chan error, 1)
				go func() { done <- work(h) }()
				synctest.Wait()
				require.Empty(t, done, "it waits for its turn")
				<-h.turns
				require.NoError(t, <-done)
				require.Empty(t, h.turns, "turns are given back")
			})
		})
	}
}

// TestNobodyCostsAsMuch: what is burnt is a hash of the same cost and lengths as
// that of somebody.
func TestNobodyCostsAsMuch(t *testing.T) {
	h := New(Config{Memory: 64, Time: 3, Threads: 2})
	stored, err := h.Hash(t.Context(), "secret")
	require.NoError(t, err)
	require.Len(t, h.nobody.String(), len(stored))
	require.False(t, h.NeedsRehash(h.nobody.String()))
}
