package telemetry_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/cmd/internal/telemetry"
)

func TestNewLogger(t *testing.T) {
	tests := []struct {
		format, level string
		shows         string // of an info line
	}{
		{"text", "info", `msg=hello who=babs`},
		{"json", "info", `"msg":"hello","who":"babs"`},
		{"auto", "debug", `"msg":"hello","who":"babs"`}, // a buffer is no terminal
		{"text", "warn", ""},
	}
	for _, tt := range tests {
		var out bytes.Buffer
		log, err := telemetry.NewLogger(&out, tt.format, tt.level)
		require.NoError(t, err)
		log.Info("hello", "who", "babs")
		if tt.shows == "" {
			require.Empty(t, out.String())
			continue
		}
		require.Contains(t, out.String(), tt.shows)
	}
}

func TestNewLoggerRefuses(t *testing.T) {
	for _, bad := range [][2]string{{"xml", "info"}, {"", "info"}, {"json", "loud"}} {
		_, err := telemetry.NewLogger(&bytes.Buffer{}, bad[0], bad[1])
		require.Error(t, err, bad)
	}
}
