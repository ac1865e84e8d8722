package api_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions/accountuser/api"
	"roster/extensions/rest"
)

// TestDocument holds the document against the routes, both ways.
func TestDocument(t *testing.T) {
	w := newWorld(t)
	var routes []string
	for _, r := range w.api.Surface().Routes {
		routes = append(routes, r.Method+" "+r.Pattern)
	}
	slices.Sort(routes)
	require.Equal(t, routes, w.document.Operations())
	require.Equal(t, slices.Compact(slices.Clone(routes)), routes)

	var document struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Summary     string
			Parameters  []struct {
				Name, In string
				Required bool
				Ref      string `json:"$ref"`
			}
			Responses map[string]json.RawMessage
			Security  []map[string][]string
		}
		Components struct {
			Parameters map[string]json.RawMessage
		}
	}
	answer := w.send("GET", "/openapi.json", "", "token: ").is(200)
	require.NoError(t, json.Unmarshal(answer.body, &document))
	require.Equal(t, "3.1.0", document.OpenAPI)
	ids := map[string]bool{}
	for _, r := range w.api.Routes() {
		o := document.Paths[api.Root+r.Pattern][strings.ToLower(r.Method)]
		require.NotEmpty(t, o.OperationID, r.Pattern)
		require.False(t, ids[o.OperationID], "%s is there twice", o.OperationID)
		ids[o.OperationID] = true
		require.NotEmpty(t, o.Summary)
		require.Contains(t, o.Responses, "default")

		var inPath, inPattern []string
		for _, p := range o.Parameters {
			if p.Ref != "" {
				require.Contains(t, document.Components.Parameters, strings.TrimPrefix(p.Ref, "#/components/parameters/"))
			}
			if p.In == "path" {
				require.True(t, p.Required)
				inPath = append(inPath, "{"+p.Name+"}")
			}
		}
		for segment := range strings.SplitSeq(r.Pattern, "/") {
			if strings.HasPrefix(segment, "{") {
				inPattern = append(inPattern, segment)
			}
		}
		require.Equal(t, inPattern, inPath, r.Pattern)
		if r.Scope == auth.Open {
			require.Empty(t, o.Security)
		} else {
			require.Equal(t, []map[string][]string{{"bearer": {string(r.Scope)}}}, o.Security)
		}
	}
}

// TestMoreRoutes: what the account model knows nothing of is served and described
// like its own.
func TestMoreRoutes(t *testing.T) {
	w := newWorld(t)
	w.send("GET", "/weather", "").is(409, "too_cold")
	require.Contains(t, w.document.Operations(), "GET /v1/account/weather")
	require.Contains(t, w.send("GET", "/openapi.json", "").text("info.description"), "- `too_cold` (409): It is too cold\n")
}

// TestCodes: every code that a route names is in the table, with one status, and
// the model has no code that is not.
func TestCodes(t *testing.T) {
	w := newWorld(t)
	known := map[rest.Code]bool{}
	for _, row := range w.api.Codes() {
		require.False(t, known[row.Code], "%s is there twice", row.Code)
		known[row.Code] = true
		require.Regexp(t, `^[a-z_]+$`, string(row.Code))
	}
	refusals, err := os.ReadFile("../model/refusal.go")
	require.NoError(t, err)
	of := regexp.MustCompile(`= "([a-z_]+)"`).FindAllStringSubmatch(string(refusals), -1)
	require.NotEmpty(t, of)
	for _, match := range of {
		require.True(t, known[rest.Code(match[1])], "the model refuses with %s", match[1])
	}
	for _, r := range w.api.Routes() {
		for _, c := range r.Codes {
			require.True(t, known[c], "%s %s names %s", r.Method, r.Pattern, c)
		}
	}
}
