package registry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/storage"
)

func TestSigningKeys(t *testing.T) {
	f := newFixture(t)
	keys, revision, err := f.SigningKeys(t.Context())
	require.NoError(t, err)
	require.Empty(t, keys)
	require.Zero(t, revision)

	first := auth.SigningKey{ID: "1", Created: f.clock.Now(), Signs: f.clock.Now(), Private: []byte("private half")}
	require.NoError(t, f.PutSigningKeys(t.Context(), []auth.SigningKey{first}, 0))
	require.ErrorIs(t, f.PutSigningKeys(t.Context(), nil, 0), storage.ErrConflict, "somebody was faster")
	keys, revision, err = f.SigningKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, []auth.SigningKey{first}, keys)

	second := auth.SigningKey{ID: "2", Created: f.clock.Now(), Signs: f.clock.Now(), Private: []byte("another")}
	require.NoError(t, f.PutSigningKeys(t.Context(), []auth.SigningKey{second, first}, revision))
	require.ErrorIs(t, f.PutSigningKeys(t.Context(), nil, revision), storage.ErrConflict)
	keys, revision, err = f.SigningKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, []auth.SigningKey{second, first}, keys)
	require.NoError(t, f.PutSigningKeys(t.Context(), nil, revision))
	keys, _, err = f.SigningKeys(t.Context())
	require.NoError(t, err)
	require.Empty(t, keys)
}

// TestSigningKeysAtOnce: of those who read the same, one writes.
func TestSigningKeysAtOnce(t *testing.T) {
	f := newFixture(t)
	for range 5 {
		_, revision, err := f.SigningKeys(t.Context())
		require.NoError(t, err)
		var all sync.WaitGroup
		var won atomic.Int32
		for n := range 8 {
			all.Go(func() {
				err := f.PutSigningKeys(t.Context(), []auth.SigningKey{{ID: fmt.Sprint(n)}}, revision)
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, storage.ErrConflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, won.Load())
	}
}

func TestSigningKeyIsNotPrinted(t *testing.T) {
	key := auth.SigningKey{ID: "k1", Private: []byte("hunter2")}
	for _, value := range []any{key, &key, []auth.SigningKey{key}, map[string]any{"key": key}} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", value)
		text, err := json.Marshal(value)
		require.NoError(t, err)
		out.Write(text)
		for _, secret := range []string{"hunter2", "68756e74657232", "68756E74657232", "aHVudGVyMg", "104 117 110"} {
			require.NotContains(t, out.String(), secret)
		}
		require.Contains(t, out.String(), "k1")
	}
}
