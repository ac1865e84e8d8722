package storetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/storage"
)

// Plan is a query and how an engine says that it would answer it.
type Plan struct {
	Name  string
	Query storage.Query // its type is Person if it has none
	Want  string        // without regard to space at the ends of lines and of the text
}

// Plans asserts what an engine explains about an account. The expected texts
// are the engine's own.
func Plans(t *testing.T, e storage.Explainer, account storage.Account, plans []Plan) {
	t.Helper()
	for _, p := range plans {
		t.Run(p.Name, func(t *testing.T) {
			q := p.Query
			if q.Type == "" {
				q.Type = Person
			}
			text, err := e.Explain(background, account, q)
			require.NoError(t, err)
			require.Equal(t, trimmed(p.Want), trimmed(text), describeQuery(q))
		})
	}
}

// trimmed removes empty lines at both ends, the indentation that all lines have
// in the source of a test, and space at their ends.
func trimmed(text string) string {
	lines := strings.Split(strings.Trim(text, "\n\t "), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(strings.TrimLeft(lines[i], "\t"), " \t")
	}
	return strings.Join(lines, "\n")
}
