package conformance

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/scim"
)

func TestParseRegister(t *testing.T) {
	list, err := parseRegister("r.txt", `# a comment
== RFC 7644 section 3.3: Creating Resources

7644-3.3-b SHALL NOT A sentence.
  check create: POST answers 201
  test scim/filter.TestMatch
  pending bulk what comes with it
  note a note
`)
	require.NoError(t, err)
	require.Equal(t, []Requirement{{
		ID: "7644-3.3-b", Section: Section{"7644", "3.3", "Creating Resources"}, Level: "SHALL NOT", Text: "A sentence.",
		Checks: []string{"create: POST answers 201"}, Tests: []string{"scim/filter.TestMatch"}, Pending: []string{"bulk"}, Note: "a note",
	}}, list)
}

func TestParseRegisterTellsTheLine(t *testing.T) {
	const section = "== RFC 7644 section 3.3: Creating Resources\n"
	for text, message := range map[string]string{
		"== section 3":                               "r.txt:1: write '== RFC",
		"7644-3.3-a MUST A sentence.":                "r.txt:1: 7644-3.3-a stands under",
		section + "7644-3.4-a MUST A sentence.":      "r.txt:2: 7644-3.4-a stands under RFC 7644 section 3.3",
		section + "7644-3.3-a MAY A sentence.":       "r.txt:2: write '7644-3.3-a MUST",
		section + "7644-3.3-a MUST no end":           "r.txt:2: write '7644-3.3-a MUST",
		section + "  check x":                        "belongs to no requirement",
		section + "7644-3.3-a MUST A.\n  check":      "says nothing",
		section + "7644-3.3-a MUST A.\n  because of": `"because" is none of`,
	} {
		_, err := parseRegister("r.txt", text)
		require.ErrorContains(t, err, message, text)
	}
}

// TestRules: each rule finds what it is for, and is content with a right answer.
func TestRules(t *testing.T) {
	const user = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"7","meta":{"resourceType":"User","location":"http://x/Users/7"`
	const failure = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"`
	for _, row := range []struct {
		status         int
		body           string
		header, broken string // "Name: value"; part of the name of the rule, "" if none is broken
	}{
		{200, `{` + user + `}}`, "", ""},
		{404, failure + `}`, "", ""},
		{200, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0}`, "", ""},
		{200, `{` + user + `}}`, "Content-Type: text/html", "the body is JSON"},
		{200, `{`, "", "the body is JSON"},
		{404, `{"status":"404"}`, "", "the body is an Error"},
		{404, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":404}`, "", "status is the HTTP status"},
		{404, failure + `,"scimType":"invalidFilter"}`, "", "scimType is a keyword"},
		{400, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"other"}`, "", "scimType is a keyword"},
		{401, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401"}`, "", "WWW-Authenticate"},
		{200, `{"schemas":["urn:example"],"totalResults":0}`, "", "its schema begins with"},
		{200, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":"0"}`, "", "it is a ListResponse"},
		{200, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1}`, "", "Resources are there"},
		{200, `{"schemas":["x"],"meta":{"resourceType":"User","location":"http://x/Users/"}}`, "", "it has an id"},
		{200, strings.ReplaceAll(`{`+user+`}}`, "7", "bulkId:7"), "", "does not contain bulkId"},
		{200, `{"id":"7","meta":{"resourceType":"User","location":"http://x/Users/7"}}`, "", "it names its schemas"},
		{200, `{` + strings.Replace(user, "[", `["urn:ietf:params:scim:schemas:core:2.0:User",`, 1) + `}}`, "", "nothing twice"},
		{200, `{` + user + `},"urn:example:X":{"a":1}}`, "", "stand under its URN"},
		{200, `{"schemas":["x"],"id":"7"}`, "", "it has meta"},
		{200, `{` + user + `,"created":"2024-01-02"}}`, "", "are times"},
		{200, `{` + strings.Replace(user, "Users/7", "Users/8", 1) + `}}`, "", "meta.location is a URL"},
		{200, `{` + user + `},"Password":"x"}`, "", "the password is not there"},
		{200, `{` + user + `},"emails":[{"primary":true},{"primary":true}]}`, "", "primary at most"},
		{200, `{` + user + `},"emails":[{"type":"a","value":"b"},{"value":"b","type":"a"}]}`, "", "type and value"},
		{200, `{` + user + `}}`, "Content-Location: http://x/Users/8", "Content-Location and Location"},
		{200, `{` + user + `,"version":"W/\"1\""}}`, `ETag: W/"2"`, "ETag is meta.version"},
		{200, `{` + user + `,"version":"1"}}`, "ETag: 1", "it has the form of RFC 9110"},
	} {
		x := exchangeOf(t, row.status, row.body, row.header)
		var broken []string
		for _, r := range newRules() {
			if wrong, applies := r.judge(x); applies && wrong != "" {
				broken = append(broken, r.name)
			}
		}
		if row.broken == "" {
			require.Empty(t, broken, row.body)
			continue
		}
		require.Contains(t, strings.Join(broken, "\n"), row.broken, row.body)
	}
}

func exchangeOf(t *testing.T, status int, body, header string) *exchange {
	t.Helper()
	config, err := scim.ParseJSON([]byte(`{"etag":{"supported":true}}`))
	require.NoError(t, err)
	x := &exchange{
		request:  httptest.NewRequest(http.MethodGet, "/Users", nil),
		response: &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {scim.MediaType}}},
		path:     "/Users", content: []byte(body), server: &discovered{config: config},
	}
	if strings.Contains(body, `"meta"`) {
		v, _ := scim.ParseJSON([]byte(body))
		x.response.Header.Set("ETag", v.Get("meta").Get("version").Text())
		if v.Get("meta").Get("version").IsNull() {
			x.server = &discovered{}
		}
	}
	if name, value, ok := strings.Cut(header, ": "); ok {
		x.response.Header.Set(name, value)
	}
	x.body, _ = scim.ParseJSON(x.content)
	x.resources = resourcesIn(x)
	return x
}

// TestStrangeServers: whatever answers, a run comes to an end, and finds that it
// is no SCIM server.
func TestStrangeServers(t *testing.T) {
	for name, handle := range map[string]http.HandlerFunc{
		"nothing there": http.NotFound,
		"all is well":   func(http.ResponseWriter, *http.Request) {},
		"null":          func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "null") },
		"a web page":    func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
		"a circle":      func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) },
		"always a list": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"Resources":[[],1,null,{"id":[]}],"totalResults":-1}`)
		},
		"always an error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); fmt.Fprint(w, `{"status":{}}`) },
		"other types": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"id":{},"meta":[],"schemas":1,"bulk":7,"attributes":{}}`)
		},
		"breaks off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(handle)
			defer s.Close()
			report, err := Run(t.Context(), Config{Base: s.URL, Token: "x"})
			if err != nil {
				require.ErrorContains(t, err, "cannot be reached")
				return
			}
			require.Positive(t, report.Failing())
			var text bytes.Buffer
			require.NoError(t, report.Print(&text, true))
			require.NotEmpty(t, text.String())
		})
	}
}

func TestOnly(t *testing.T) {
	for _, row := range []struct {
		only string
		want bool
	}{
		{"7644-3.5.2", true}, {"7644-3.5.2-a", true}, {"7644", true}, {"7644-3.5", true}, {"patch", true}, {"patch: A", true},
		{"7644-3.5.2-b", false}, {"7644-3.5.1", false}, {"7644-3", true}, {"764", false}, {"create", false},
	} {
		require.Equal(t, row.want, selected([]string{row.only}, "patch: A title", []string{"7644-3.5.2-a"}), row.only)
	}
	require.True(t, selected(nil, "x", nil))
}
