package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestHelp: every command and flag explains itself, in lines that fit.
func TestHelp(t *testing.T) {
	parser, err := newParser(environment{})
	require.NoError(t, err)
	for _, command := range parser.Model.Leaves(false) {
		path, _, _ := strings.Cut(command.Path(), " <")
		t.Run(path, func(t *testing.T) {
			require.NotEmpty(t, command.Help)
			for _, flag := range command.Flags {
				require.NotEmpty(t, flag.Help, flag.Name)
			}
			for _, argument := range command.Positional {
				require.NotEmpty(t, argument.Help, argument.Name)
			}
			for line := range strings.Lines(roster(t, "", append(strings.Fields(path), "--help")...)) {
				require.LessOrEqual(t, len(strings.TrimSuffix(line, "\n")), 100, line)
			}
		})
	}
}

// TestStatus: 0 if all went well, 1 if the command failed, 2 if it was not
// understood.
func TestStatus(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	tests := []struct {
		args      []string
		variables []string
		status    int
	}{
		{args: []string{"version"}, status: 0},
		{args: []string{"account", "create", "acme", "--data", folder}, status: 0},
		{args: []string{"account", "create", "acme", "--data", folder}, status: 1},
		{args: []string{"token", "create", "--account", "acme", "--scope", "scim:all", "--data", folder}, status: 1},
		{args: []string{"token", "create", "--account", "acme", "--expires", "731d", "--data", folder}, status: 1},
		{args: []string{"serve"}, status: 1},
		{args: []string{"serve", "--check", "--dev"}, status: 0},
		{args: []string{"serve", "--no-such-flag"}, status: 2},
		{args: []string{"account"}, status: 2},
		{args: []string{"token", "create", "--account", "acme", "--expires", "0d", "--data", folder}, status: 2},
		{args: []string{"version"}, variables: []string{"ROSTER_DATAA=x"}, status: 2},
		{args: []string{"version"}, variables: []string{"ROSTERX=x", "ROSTER_PORT=x", "ROSTER_DATA=x"}, status: 0},
	}
	for _, tt := range tests {
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), environment{&stdout, &stderr, tt.variables}, tt.args)
		require.Equal(t, tt.status, status, "%q: %s", tt.args, &stderr)
		if status != 0 {
			require.Empty(t, stdout.String(), "words go to stderr")
			require.Regexp(t, "^roster: ", stderr.String())
		}
	}
}

// TestServeStops: a server ends when its context does, without an error.
func TestServeStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	args := []string{"serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0"}
	require.Zero(t, run(ctx, environment{&stdout, &stderr, nil}, args), stderr.String())
	require.Regexp(t, `^scim: http://127\.0\.0\.1:[0-9]+/scim/v2\n$`, stdout.String())
}

func TestLifetime(t *testing.T) {
	tests := map[string]time.Duration{
		"1d": 24 * time.Hour, "365d": 365 * 24 * time.Hour, "90m": 90 * time.Minute, "1h30m": 90 * time.Minute,
		"": 0, "d": 0, "0d": 0, "-1d": 0, "1.5d": 0, "99999999999999d": 0, "100000d": 0, "-1h": 0, "1y": 0, "1": 0,
	}
	for text, want := range tests {
		var got lifetime
		err := got.UnmarshalText([]byte(text))
		if want == 0 {
			require.ErrorContains(t, err, "like 90d or 12h", text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, lifetime(want), got)
	}
}
