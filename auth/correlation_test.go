package auth_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
)

func TestCorrelation(t *testing.T) {
	for _, sent := range []string{
		"1", "4bf92f35-77b3_4da6", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"urn:x:1/2+3=", "Az09._:/+=-", strings.Repeat("a", 128),
	} {
		require.Equal(t, sent, auth.Correlation(sent), "taken as it was sent")
	}
	seen := map[string]bool{}
	for _, sent := range []string{
		"", " ", "a b", " a", "a\n", "a\r\nX: y", "a,b", `a"b`, "a\x00b", "é", "a{b}", "<a>", "a;b", "a\tb", "a%20", strings.Repeat("a", 129), strings.Repeat("a", 1<<20),
	} {
		id := auth.Correlation(sent)
		require.Equal(t, id, auth.Correlation(id), "what is made up for %.9q could have been sent", sent)
		require.False(t, seen[id])
		seen[id] = true
	}
}

func TestCorrelationInContext(t *testing.T) {
	require.Empty(t, auth.CorrelationFrom(context.Background()))
	require.Equal(t, "x", auth.CorrelationFrom(auth.WithCorrelation(t.Context(), "x")))
}
