package app_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/rest/resttest"
	"roster/scim/script"
	"roster/scim/server"
)

// The roots of the two faces, and that of what describes the second.
const (
	scimRoot    = server.Root + "/"
	accountRoot = "/v1/account/"
	description = accountRoot + "openapi.json"
)

// operation is a row of the executable table: one of the seeds' operations.
type operation struct {
	*script.Script
	id    string // Z1
	seed  string // method and path as the seed has them
	title string
}

// systems are those of the seeds, with how many operations each has, in the order
// of the table.
var systems = []struct {
	letter, name string
	operations   int
}{{"Z", "Zone", 13}, {"D", "Duck Creek", 6}, {"S", "Zscaler ZIdentity", 11}, {"T", "ZITADEL", 57}}

// accountOnly are the operations that SCIM has no request for. All others are
// reachable by both faces.
const accountOnly = " Z6 Z7 D2 S9 T5 T25 T26 T30 T32 T34 T36 T37 T38 T39 T41 T42 T43 T45 T46 T48 T50 T52 T54 T56 "

// TestOperations plays every row on each engine, in an account of its own, and
// holds every answer of the companion API against its description.
func TestOperations(t *testing.T) {
	rows := readOperations(t)
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			h := newHarness(t, memory)
			h.base = strings.TrimSuffix(h.base, server.Root)
			described := describe(t, h.base)
			t.Run("rows", func(t *testing.T) {
				for _, row := range rows {
					t.Run(row.id, func(t *testing.T) {
						t.Parallel()
						playOperation(t, newStage(t, h, row), described)
					})
				}
			})
		})
	}
}

func playOperation(t *testing.T, s *stage, described *resttest.Document) {
	client := s.client()
	client.Observe = func(resp *http.Response, content []byte, r script.Result) {
		if path := resp.Request.URL.EscapedPath(); strings.HasPrefix(path, accountRoot) && path != description {
			err := described.Check(resp.Request.Method, path, resp.StatusCode, resp.Header, content)
			if err != nil {
				t.Errorf("line %d: the answer is not as described: %v", r.Step.Line, err)
			}
		}
	}
	report := s.row.Play(t.Context(), client)
	require.NoError(t, report.Err())
	for _, result := range report.Results {
		require.Empty(t, result.Skipped, result.Step.Title)
	}
}

// describe reads the OpenAPI document of a server.
func describe(t *testing.T, origin string) *resttest.Document {
	resp, err := http.Get(origin + description)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode, "GET %s", description)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	described, err := resttest.Parse(text)
	require.NoError(t, err)
	return described
}

// TestOperationsComplete: the table has each of the 87 operations once, by every
// face that has it, with something that it refuses.
func TestOperationsComplete(t *testing.T) {
	rows := map[string]operation{}
	for _, row := range readOperations(t) {
		require.NotContains(t, rows, row.id, "the operation is there twice")
		rows[row.id] = row
	}
	total := 0
	for _, system := range systems {
		for n := range system.operations {
			id := fmt.Sprintf("%s%d", system.letter, n+1)
			require.Contains(t, rows, id)
			total++
			checkOperation(t, rows[id])
		}
	}
	require.Len(t, rows, total, "some operation is in no seed")
	require.Equal(t, 87, total)
}

func checkOperation(t *testing.T, row operation) {
	shown := shownBy(row)
	require.NotEmpty(t, shown.account, "%s: no request of the companion API", row.id)
	require.Equal(t, strings.Contains(accountOnly, " "+row.id+" "), len(shown.scim) == 0, "%s: a request of SCIM, %q", row.id, shown.scim)
	coded := false
	for _, refusal := range shown.refusals {
		coded = coded || strings.Contains(refusal, "`")
	}
	require.True(t, coded, "%s: no refusal with a code", row.id)
	for _, step := range row.Steps {
		require.Empty(t, step.Needs, "%s: a step that might be skipped", row.id)
	}
}

var heading = regexp.MustCompile(`^(\S+) (\S+ \S+): (.+)$`)

func readOperations(t *testing.T) []operation {
	scripts, err := script.Load(testdata, "seeds/operations.*.http")
	require.NoError(t, err)
	rows := make([]operation, len(scripts))
	for i, s := range scripts {
		parts := heading.FindStringSubmatch(s.Heading)
		require.NotNil(t, parts, "%s: %q is not 'id METHOD path: title'", s.Name, s.Heading)
		rows[i] = operation{s, parts[1], parts[2], parts[3]}
	}
	return rows
}
