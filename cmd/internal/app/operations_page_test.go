package app_test

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the page that is generated from the table of operations")

const operationsPage = "../../../docs/operations.md"

const pageHead = `# The operations of four systems

The user administrations of Zone, Duck Creek, Zscaler ZIdentity and ZITADEL have 87 operations between them. This server has one model in which each of them works: over SCIM where it is about state, and over the companion API at ` + "`/v1/account`" + `, which can say what SCIM cannot.

This page is generated from the scripts ` + "[`testdata/seeds/operations.*.http`](../testdata/seeds)" + ` by the test that plays them: each row there prepares its own data by other operations, sends the requests below, reads back what they did, and meets the refusals in the last column. Where a row has no request for SCIM, SCIM has none.
`

// TestOperationsPage holds the page to the table.
func TestOperationsPage(t *testing.T) {
	want := page(readOperations(t))
	if *update {
		require.NoError(t, os.WriteFile(operationsPage, []byte(want), 0o644))
	}
	have, err := os.ReadFile(operationsPage)
	require.NoError(t, err)
	require.Equal(t, want, string(have), "run the test with -update")
}

func page(rows []operation) string {
	var b strings.Builder
	b.WriteString(pageHead)
	for _, system := range systems {
		fmt.Fprintf(&b, "\n## %s\n\n| | Operation | SCIM | Companion API | Refuses |\n|---|---|---|---|---|\n", system.name)
		for _, row := range ofSystem(rows, system.letter) {
			shown := shownBy(row)
			fmt.Fprintf(&b, "| %s | %s<br>`%s` | %s | %s | %s |\n", row.id, row.title, row.seed,
				cell(shown.scim), cell(shown.account), strings.Join(shown.refusals, "<br>"))
		}
	}
	return b.String()
}

// ofSystem returns the rows of a system in the order of their numbers.
func ofSystem(rows []operation, letter string) []operation {
	var found []operation
	for _, row := range rows {
		if strings.HasPrefix(row.id, letter) {
			found = append(found, row)
		}
	}
	number := func(row operation) int { n, _ := strconv.Atoi(row.id[1:]); return n }
	slices.SortFunc(found, func(a, b operation) int { return number(a) - number(b) })
	return found
}

func cell(requests []string) string {
	lines := make([]string, len(requests))
	for i, request := range requests {
		lines[i] = "`" + strings.ReplaceAll(request, "|", `\|`) + "`"
	}
	return strings.Join(lines, "<br>")
}

// shown is what a row shows of its operation, each once: the requests that
// succeed by face, and what is refused.
type shown struct{ scim, account, refusals []string }

func shownBy(row operation) (s shown) {
	for _, step := range row.Steps {
		if step.Aside {
			continue
		}
		method, target := step.Request()
		statuses, body := step.Expects()
		request := method + " " + legible(target)
		switch {
		case statuses[0] >= 400 && strings.HasPrefix(target, accountRoot):
			s.refusals = addOnce(s.refusals, codes(statuses)+" `"+keyword(body.Get("code").Text())+"`")
		case statuses[0] >= 400:
			s.refusals = addOnce(s.refusals, strings.TrimSpace("SCIM "+codes(statuses)+" "+body.Get("scimType").Text()))
		case strings.HasPrefix(target, scimRoot):
			s.scim = addOnce(s.scim, request)
		case strings.HasPrefix(target, accountRoot):
			s.account = addOnce(s.account, request)
		}
	}
	slices.Sort(s.refusals)
	return s
}

func addOnce(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

func codes(statuses []int) string {
	texts := make([]string, len(statuses))
	for i, status := range statuses {
		texts[i] = strconv.Itoa(status)
	}
	return strings.Join(texts, "/")
}

// keyword returns the choice in an expected code, or the code.
func keyword(code string) string {
	code = strings.TrimSuffix(strings.TrimPrefix(code, "<match ^("), ")$>")
	return strings.ReplaceAll(code, "|", "` or `")
}

var (
	ofUser   = regexp.MustCompile(`(/[Uu]sers/)\{\{\w+\}\}`)
	variable = regexp.MustCompile(`\{\{([^}]*)\}\}`)
)

// legible returns a target as people read it: unescaped, and with {name} for
// what is not always the same. What A and the like stand for is written out in
// the documentation of the schema.
func legible(target string) string {
	target = ofUser.ReplaceAllString(target, "$1{id}")
	target = strings.NewReplacer("{{A}}", "A", "{{G}}", "G").Replace(target)
	target = variable.ReplaceAllString(target, "{$1}")
	path, query, asked := strings.Cut(target, "?")
	if plain, err := url.QueryUnescape(query); asked && err == nil {
		return path + "?" + plain
	}
	return target
}
