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

A, E and G are the extensions ` + "`urn:ietf:params:scim:schemas:extension:account:2.0:User`" + `, ` + "`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`" + ` and ` + "`urn:ietf:params:scim:schemas:extension:account:2.0:Group`" + `.
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
		method, target, content := step.Request()
		statuses, body := step.Expects()
		request := strings.TrimSpace(method + " " + legible(target) + " " + brief(content))
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
// what is not always the same.
func legible(target string) string {
	target = named(ofUser.ReplaceAllString(target, "$1{id}"))
	path, query, asked := strings.Cut(target, "?")
	if plain, err := url.QueryUnescape(query); asked && err == nil {
		return path + "?" + plain
	}
	return target
}

// named writes variables as {name}, and those that hold a URN as their name alone.
func named(text string) string {
	text = strings.NewReplacer("{{A}}", "A", "{{E}}", "E", "{{G}}", "G").Replace(text)
	return variable.ReplaceAllString(text, "{$1}")
}

// brief returns the beginning of a body, in one line.
func brief(body string) string {
	const most = 120 // characters
	text := []rune(named(strings.Join(strings.Fields(body), " ")))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}
