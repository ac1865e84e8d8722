package model_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/scim/provider"
	"roster/storage"
)

// TestPurge: a removed user is purged when the account's time is over, and leaves
// nothing behind.
func TestPurge(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		var old []string
		for i := range 3 {
			old = append(old, s.everything(fmt.Sprint("old", i)))
			require.NoError(t, s.delete(old[i]))
		}
		s.pass(20 * 24 * time.Hour)
		young, there := s.everything("young"), s.everything("there")
		require.NoError(t, s.delete(young))
		_, err := s.Restore(s.ctx, s.api, old[2], nil)
		require.NoError(t, err)
		require.NoError(t, s.delete(old[2]))
		n, err := s.PurgeDue(s.ctx, "a")
		require.NoError(t, err)
		require.Zero(t, n, "not yet")

		s.pass(11 * 24 * time.Hour)
		n, err = s.PurgeDue(s.ctx, "a")
		require.NoError(t, err)
		require.Equal(t, 2, n, "the third was restored in between")
		for _, id := range old[:2] {
			_, err = s.Restore(s.ctx, s.api, id, nil)
			require.True(t, isStatus(err, 404))
			require.Empty(t, s.sides(id))
		}
		for _, id := range []string{young, old[2]} {
			_, err = s.Restore(s.ctx, s.api, id, nil)
			require.NoError(t, err)
		}
		require.False(t, s.view(there).IsNull())

		require.NoError(t, s.delete(there))
		s.pass(1000 * 24 * time.Hour)
		s.settings.RetainRemoved = 0
		n, err = s.PurgeDue(s.ctx, "a")
		require.NoError(t, err)
		require.Zero(t, n, "without a time they are kept")
	})
}

// TestPurgeInTheBackground looks again every hour, until it is told to end.
func TestPurgeInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.now = time.Now()
		id := s.everything("ada")
		require.NoError(t, s.delete(id))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Purge(ctx) }()
		synctest.Wait()
		s.pass(31 * 24 * time.Hour)
		require.Len(t, s.sides(id), 2, "it has looked already")
		time.Sleep(time.Hour + time.Second)
		synctest.Wait()
		require.Empty(t, s.sides(id))
		cancel()
		require.NoError(t, <-ended)
	})
}

// TestPurgeOfAnAccountThatGoes: one that is deleted while it is purged ends its turn,
// and nothing is said about it.
func TestPurgeOfAnAccountThatGoes(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		require.NoError(t, s.delete(s.everything("ada")))
		s.pass(31 * 24 * time.Hour)
		var logs bytes.Buffer
		s.Provider.Logger = slog.New(slog.NewTextHandler(&logs, nil))
		s.Provider.Store = going{s.Provider.Store}
		_, err := s.PurgeDue(s.ctx, "a")
		require.ErrorIs(t, err, provider.ErrAccountDeleted)
		model.PurgeAll(s.Users, s.ctx)
		require.Empty(t, logs.String())
	})
}

// going is a store whose account is deleted, but not erased yet.
type going struct{ storage.Store }

func (going) Apply(context.Context, storage.Account, storage.Batch) (storage.Receipt, error) {
	return storage.Receipt{}, storage.ErrErased
}

// TestPurgeOfWhatMoved: who was restored, and removed again, since the purge looked
// is kept.
func TestPurgeOfWhatMoved(t *testing.T) {
	s := newServer(t)
	id := s.everything("ada")
	require.NoError(t, s.delete(id))
	var old *storage.Document
	require.NoError(t, s.Store.View(s.ctx, "a", func(snapshot storage.Snapshot) (err error) {
		old, err = snapshot.Get(s.ctx, id)
		return err
	}))
	purge := func() bool {
		purged, err := model.PurgeDocument(s.Users, s.ctx, s.api, old)
		require.NoError(t, err)
		return purged
	}
	_, err := s.Restore(s.ctx, s.api, id, nil)
	require.NoError(t, err)
	require.False(t, purge())
	require.NoError(t, s.delete(id))
	require.False(t, purge())
	_, err = s.Restore(s.ctx, s.api, id, nil)
	require.NoError(t, err)
}
