package provider_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim/provider"
	"roster/storage"
)

// going is a store that erases the account between the read and the write of a
// change.
type going struct{ storage.Store }

func (g going) Apply(ctx context.Context, account storage.Account, b storage.Batch) (storage.Receipt, error) {
	if err := g.Erase(ctx, account); err != nil {
		return storage.Receipt{}, err
	}
	return g.Store.Apply(ctx, account, b)
}

// TestAccountGoes: a change that an erasure of its account overtakes is refused as
// if there had never been anything, and is not made.
func TestAccountGoes(t *testing.T) {
	ops := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"x"}]}`
	for name, change := range map[string]func(f *fixture, id string) error{
		"create": func(f *fixture, _ string) error {
			_, err := f.Create(t.Context(), f.call, f.user, value(t, `{"userName":"b"}`), provider.Projection{})
			return err
		},
		"replace": func(f *fixture, id string) error {
			_, err := f.Replace(t.Context(), f.call, f.user, id, value(t, `{"userName":"b"}`), nil, provider.Projection{})
			return err
		},
		"patch": func(f *fixture, id string) error {
			_, err := f.Patch(t.Context(), f.call, f.user, id, value(t, ops), nil, provider.Projection{})
			return err
		},
		"delete": func(f *fixture, id string) error { return f.Delete(t.Context(), f.call, f.user, id, nil) },
		"commit": func(f *fixture, _ string) error {
			return f.Commit(t.Context(), "a", storage.Batch{Effects: storage.Effects{Counters: []storage.CounterStep{{Name: "n", Delta: 1}}}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEachEngine(t, func(t *testing.T, f *fixture) {
				r := f.create(f.user, `{"userName":"a"}`)
				f.Store = going{f.Store}
				err := change(f, r.ID)
				require.ErrorIs(t, err, provider.ErrAccountDeleted)
				require.Equal(t, http.StatusNotFound, refusal(t, err).Status)
				require.NoError(t, f.Store.View(t.Context(), "a", func(s storage.Snapshot) error {
					page, err := s.Query(t.Context(), storage.Query{Type: f.user.Name, Total: true})
					require.Zero(t, page.Total)
					return err
				}))
			})
		})
	}
	onEachEngine(t, func(t *testing.T, f *fixture) {
		f.Store = going{f.Store}
		require.Equal(t, "404 404", statuses(f.bulk(0, `{"method":"POST","path":"/Users","bulkId":"a","data":{"userName":"a"}}`,
			`{"method":"POST","path":"/Users","bulkId":"b","data":{"userName":"b"}}`)))
	})
}
