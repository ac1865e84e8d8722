package bolt_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"roster/storage"
	"roster/storage/bolt"
)

// BenchmarkLog: what an event costs, alone in its batch, with a sync and without,
// which leaves what the engine does; and with many others in its batch, which
// leaves what it costs itself.
func BenchmarkLog(b *testing.B) {
	event := storage.Event{
		Time: time.UnixMilli(1_709_208_000_000), Type: "user.updated", Subject: storage.NewID(), Data: bytes.Repeat([]byte("x"), 300),
	}
	for _, synced := range []bool{true, false} {
		for _, each := range []int{1, 1000} {
			b.Run(fmt.Sprintf("sync=%t/events=%d", synced, each), func(b *testing.B) {
				s, err := bolt.Open(bolt.Config{
					Path: filepath.Join(b.TempDir(), "roster.db"), Logger: slog.New(slog.DiscardHandler), NoSync: !synced,
				})
				require.NoError(b, err)
				var batch storage.Batch
				for range each {
					batch.Events = append(batch.Events, event)
				}
				b.ReportAllocs()
				for b.Loop() {
					_, err := s.Apply(b.Context(), benchAccount, batch)
					require.NoError(b, err)
				}
				b.StopTimer()
				require.NoError(b, s.Close())
			})
		}
	}
}
