package script

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// server is a tiny SCIM-like server with one fault that a test plants.
func server(t *testing.T, fault string) Client {
	mux := http.NewServeMux()
	users := map[string]map[string]any{}
	write := func(w http.ResponseWriter, status int, body any) {
		w.Header().Set("Content-Type", "application/scim+json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	problem := func(w http.ResponseWriter, status int, detail string) {
		code := any(fmt.Sprint(status))
		if fault == "numeric status" {
			code = status
		}
		write(w, status, map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"},
			"status": code, "detail": detail})
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	mux.HandleFunc("POST /Users", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.Header().Set("WWW-Authenticate", "Bearer")
			problem(w, http.StatusUnauthorized, "who are you?")
			return
		}
		user := map[string]any{}
		if err := json.NewDecoder(r.Body).Decode(&user); err != nil {
			problem(w, http.StatusBadRequest, "broken JSON")
			return
		}
		location := srv.URL + "/Users/1"
		user["id"] = "1"
		user["meta"] = map[string]any{"version": `W/"1"`, "location": location, "created": "2024-01-02T03:04:05Z"}
		switch fault {
		case "value":
			user["emails"].([]any)[1].(map[string]any)["value"] = "other@example.com"
		case "extra":
			user["password"] = "x"
		case "meta":
			user["meta"].(map[string]any)["version"] = `W/"2"`
		case "null":
			user["title"] = nil
		case "time":
			user["meta"].(map[string]any)["created"] = "yesterday"
		}
		users["1"] = user
		w.Header().Set("Location", location)
		w.Header().Set("ETag", `W/"1"`)
		write(w, http.StatusCreated, user)
	})
	mux.HandleFunc("GET /Users/{id}", func(w http.ResponseWriter, r *http.Request) {
		user := users[r.PathValue("id")]
		if user == nil {
			problem(w, http.StatusNotFound, "no such user")
			return
		}
		if fault == "changed" {
			user["title"] = "Chief"
		}
		write(w, http.StatusOK, user)
	})
	return Client{Base: srv.URL, Token: "secret"}
}

const session = `# A session.
let user = u.{{random}}@example.com
> Accept: application/scim+json
body> Content-Type: application/scim+json

=== Create
# It stops without an id.
> POST /Users
{"userName": "{{user}}", "emails": [{"value": "a@example.com"}, {"value": "b@example.com"}]}
< 201 exactly
< Location: <any -> location>
< ETag: <match ^W/>
< body -> created
{
  "id": "<string -> id>",
  "userName": "{{user}}",
  "emails": [{"value": "a@example.com"}, {"value": "b@example.com"}],
  "meta": {"version": "<string -> version>", "location": "{{location}}", "created": "<time>"}
}

--- Look again
> GET /Users/{{id}}
< 200
"{{created}}"

=== Not there
> GET /Users/none
< 404
{"detail": "<contains no such>", "scimType": "<absent>"}

=== Without a token
> POST /Users
> Authorization: <none>
{}
< 401
`

func play(t *testing.T, text string, c Client) Report {
	t.Helper()
	s, err := Parse("session.http", text)
	require.NoError(t, err)
	return s.Play(t.Context(), c)
}

func TestSessionPasses(t *testing.T) {
	c := server(t, "")
	c.Protocol = true
	report := play(t, session, c)
	require.NoError(t, report.Err())
	require.Len(t, report.Results, 4)
	require.Equal(t, "A session.", report.Script.About)
	require.Equal(t, "It stops without an id.", report.Results[0].Step.Why)
	require.True(t, report.Results[1].Step.Aside)
	require.NotContains(t, report.Describe(report.Results[0]), "secret")
}

func TestPlantedFaultsAreFound(t *testing.T) {
	for fault, message := range map[string]string{
		"value":          `$.emails[1].value: want "b@example.com", have "other@example.com"`,
		"extra":          `$.password: want nothing, have "x"`,
		"meta":           `$.meta.version: want the header Etag, W/"1", have "W/\"2\""`,
		"null":           `$.title: want nothing, have null`,
		"time":           `$.meta.created: want <time>, have "yesterday"`,
		"changed":        `$: want {`,
		"numeric status": `$.status: want "404", have 404`,
	} {
		t.Run(fault, func(t *testing.T) {
			c := server(t, fault)
			c.Protocol = true
			err := play(t, session, c).Err()
			require.ErrorContains(t, err, message)
			require.ErrorContains(t, err, "session.http:")
			require.ErrorContains(t, err, "\n> ")
			require.ErrorContains(t, err, "\n< ")
		})
	}
}

func TestWrongStatusTellsRequestAndResponse(t *testing.T) {
	text := strings.Replace(session, "< 404\n", "< 200 | 204\n", 1)
	err := play(t, text, server(t, "")).Err()
	require.ErrorContains(t, err, "session.http:26: Not there\nstatus: want 200 or 204, have 404")
	require.ErrorContains(t, err, "/Users/none")
	require.ErrorContains(t, err, "> Authorization: Bearer …")
	require.ErrorContains(t, err, `"detail":"no such user"`)
}

func TestAStepThatLacksAValueIsNotSent(t *testing.T) {
	text := strings.Replace(session, `"id": "<string -> id>"`, `"id": "2"`, 1)
	report := play(t, text, server(t, ""))
	require.ErrorContains(t, report.Results[0].Err, `$.id: want "2", have "1"`)
	require.ErrorContains(t, report.Results[1].Err, "not sent: {{id}} is not set")
	require.NoError(t, report.Results[2].Err)
}

// echo answers with what it got.
func echo(t *testing.T) Client {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_ = json.NewEncoder(w).Encode(map[string]any{
			"uri": r.RequestURI, "header": r.Header, "length": len(body), "body": fmt.Sprintf("%.40q", body),
		})
	}))
	t.Cleanup(srv.Close)
	return Client{Base: srv.URL, Token: "secret"}
}

func TestRequestsAreSentAsWritten(t *testing.T) {
	require.NoError(t, play(t, `let name = O'Brien & é
let password = p"w
let many = 3
> Accept: application/scim+json
> Content-Type: application/scim+json
=== trailing question mark, empty user agent
> PUT /Users/1?
> User-Agent:
{"a": "{{password}}"}
< 200
{"uri": "/Users/1?", "body": "<contains p\\\\\\\"w>",
 "header": {"Authorization": ["Bearer secret"], "User-Agent": "<absent>", "Content-Type": ["application/scim+json"]}}
=== trailing ampersand, plus and escapes
> GET /Users?filter=userName+eq+%22{{url name}}%22&
> Accept: <none>
< 200
{"uri": "/Users?filter=userName+eq+%22O%27Brien%20%26%20%C3%A9%22&",
 "header": {"Accept": "<absent>", "Content-Type": ["application/scim+json"]}}
=== credentials
> GET /
> Authorization: Basic {{basic name password}}
< 200
{"header": {"Authorization": ["Basic TydCcmllbiAmIMOpOnAidw=="]}}
=== generated and raw
> POST /
{{repeat 1000 ab}}{{byte FF}}
< 200
{"length": 2001}
=== as often as a variable says
> POST /
{{repeat many ab}}
< 200
{"length": 6}
=== upper
> GET /{{upper random}}
< 200
{"uri": "<match ^/[A-Z0-9]{12}$>"}
`, echo(t)).Err())
}

func TestCompressedResponse(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", r.Header.Get("Accept-Encoding"))
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(`{"id": "1"}`))
		_ = z.Close()
	}))
	t.Cleanup(srv.Close)
	text := "> Accept-Encoding: gzip\n=== x\n> GET /\n< 200\n{\"id\": \"1\"}\n"
	require.NoError(t, play(t, text, Client{Base: srv.URL}).Err())
}

func TestBaseWithPath(t *testing.T) {
	c := echo(t)
	c.Base += "/scim/v2"
	report := play(t, "=== x\n> GET /Users/\n< 200\n{\"uri\": \"/scim/v2/Users/\"}\n", c)
	require.NoError(t, report.Err())
}

// TestNeeds: a step whose needs are not met is skipped, and says why.
func TestNeeds(t *testing.T) {
	c := echo(t)
	c.Values = map[string]string{"size": "7"}
	c.Lacks = func(need string) string {
		if need == "bulk" {
			return "there is no bulk"
		}
		return ""
	}
	report := play(t, `needs: filter
=== with
# Why.
shows: 7644-3.3-a 7644-3.3-b
> GET /{{size}}
< 200
{"uri": "/7"}
=== without
needs: bulk sort
> GET /
< 200
`, c)
	require.NoError(t, report.Err())
	require.Empty(t, report.Results[0].Skipped)
	require.Equal(t, []string{"7644-3.3-a", "7644-3.3-b"}, report.Results[0].Step.Shows)
	require.Equal(t, []string{"filter", "bulk", "sort"}, report.Results[1].Step.Needs)
	require.Equal(t, "there is no bulk", report.Results[1].Skipped)
	require.Zero(t, report.Results[1].Status)
}

func TestObserveSeesEveryResponse(t *testing.T) {
	c := server(t, "")
	var seen []string
	c.Observe = func(resp *http.Response, content []byte, r Result) {
		seen = append(seen, fmt.Sprint(resp.StatusCode, " ", len(content) > 0, " ", r.Step.Title))
	}
	play(t, session, c)
	require.Equal(t, []string{"201 true Create", "200 true Look again", "404 true Not there", "401 true Without a token"}, seen)
}
