package model_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/accountuser/model"
	"roster/storage"
)

// TestSideRecordsDoNotOutliveTheUser: what is put beside a user who is removed
// meanwhile is refused, or goes with the user.
func TestSideRecordsDoNotOutliveTheUser(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		for range 20 {
			id := s.at(model.Active, true)
			var all sync.WaitGroup
			for i := range 4 {
				all.Go(func() {
					_, err := s.Edit(s.ctx, s.api, id, "", nil, func(_ context.Context, d *model.Draft) error {
						d.Sides = append(d.Sides, storage.Side{ID: id, Name: fmt.Sprint(model.SideFactor, i), Data: []byte("x")})
						return nil
					})
					if err != nil && !isStatus(err, 404) {
						t.Error(err)
					}
				})
			}
			all.Go(func() {
				if err := s.Remove(s.ctx, s.api, id, nil); err != nil {
					t.Error(err)
				}
			})
			all.Wait()
			require.Empty(t, s.sides(id))
		}
	})
}

// TestAtOnce: of those who remove a user at once, one does; of two users with the
// same name, or address, who are restored at once, one is.
func TestAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		many := func(n int, do func(i int) error) (done int) {
			var all sync.WaitGroup
			var mutex sync.Mutex
			for i := range n {
				all.Go(func() {
					err := do(i)
					mutex.Lock()
					defer mutex.Unlock()
					if err == nil {
						done++
					} else if !isStatus(err, 404) && !isStatus(err, 409) {
						t.Error(err)
					}
				})
			}
			all.Wait()
			return done
		}
		id := s.at(model.Active, true)
		require.Equal(t, 1, many(8, func(int) error { return s.Remove(s.ctx, s.api, id, nil) }))
		require.Equal(t, 1, many(8, func(int) error { _, err := s.Restore(s.ctx, s.api, id, nil); return err }))

		var names, addresses []string
		for i := range 8 {
			v := s.posted(`{"userName":"same"}`)
			names = append(names, v.ID())
			require.NoError(t, s.delete(v.ID()))
			v = s.posted(`{"userName":"u%d","emails":[{"value":"Same%s@example.com"}]}`, i, "")
			addresses = append(addresses, v.ID())
			require.NoError(t, s.delete(v.ID()))
		}
		restore := func(ids []string) func(int) error {
			return func(i int) error { _, err := s.Restore(s.ctx, s.api, ids[i], nil); return err }
		}
		require.Equal(t, 1, many(8, restore(names)))
		require.Equal(t, 1, many(8, restore(addresses)))
		require.Equal(t, 1, many(8, func(i int) error {
			_, err := s.add(func(n *model.NewUser) {
				n.UserName, n.Email = model.Say(fmt.Sprint("n", i)), model.Say("new@example.com")
			})
			return err
		}))
	})
}
