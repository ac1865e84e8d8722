package resttest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/extensions/rest/resttest"
)

const document = `{"openapi":"3.1.0",
"paths":{
 "/things/{id}":{"get":{"responses":{
  "200":{"headers":{"ETag":{"required":true}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}},
  "default":{"$ref":"#/components/responses/Problem"}}}},
 "/things/all":{"get":{"responses":{"204":{}}}}},
"components":{
 "responses":{"Problem":{"content":{"application/problem+json":{"schema":{"type":"object","required":["code"]}}}}},
 "schemas":{"Thing":{"type":"object","required":["at"],"additionalProperties":false,
  "properties":{"at":{"type":"string","format":"date-time"},"data":{"type":"string","contentEncoding":"base64"}}}}}}`

func TestCheck(t *testing.T) {
	d, err := resttest.Parse([]byte(document))
	require.NoError(t, err)
	require.Equal(t, []string{"GET /things/all", "GET /things/{id}"}, d.Operations())
	const plain, problem = "application/json", "application/problem+json"
	tests := []struct {
		path   string
		status int
		media  string
		etag   string
		body   string
		wrong  string // "" if it is as the document says
	}{
		{"/things/1", 200, plain, `"1"`, `{"at":"2026-01-31T09:30:00Z","data":"AAE="}`, ""},
		{"/things/1", 200, plain + "; charset=utf-8", `"1"`, `{"at":"2026-01-31T09:30:00Z"}`, ""},
		{"/things/1", 200, plain, "", `{"at":"2026-01-31T09:30:00Z"}`, "header ETag"},
		{"/things/1", 200, problem, `"1"`, `{"at":"2026-01-31T09:30:00Z"}`, "no content of type"},
		{"/things/1", 200, plain, `"1"`, `{"at":"yesterday"}`, "date-time"},
		{"/things/1", 200, plain, `"1"`, `{"at":"2026-01-31T09:30:00Z","data":"?"}`, "base64"},
		{"/things/1", 200, plain, `"1"`, `{}`, "missing property"},
		{"/things/1", 200, plain, `"1"`, `{"at":"2026-01-31T09:30:00Z","more":1}`, "additional properties"},
		{"/things/1", 200, plain, `"1"`, ``, "EOF"},
		{"/things/1", 404, problem, "", `{"code":"not_found"}`, ""},
		{"/things/1", 404, problem, "", `{}`, "missing property"},
		{"/things/1", 404, plain, "", `{"code":"not_found"}`, "no content of type"},
		{"/things/1", 201, plain, "", `{}`, "no answer 201"},
		{"/things/all", 204, "", "", ``, ""},
		{"/things/all", 204, "", "", `{}`, "where the document has none"},
		{"/things", 200, plain, "", `{}`, "no operation"},
		{"/things/1/2", 200, plain, "", `{}`, "no operation"},
	}
	for _, tt := range tests {
		header := http.Header{"Content-Type": {tt.media}}
		if tt.etag != "" {
			header.Set("ETag", tt.etag)
		}
		err := d.Check(http.MethodGet, tt.path, tt.status, header, []byte(tt.body))
		if tt.wrong == "" {
			require.NoError(t, err, tt)
		} else {
			require.ErrorContains(t, err, tt.wrong, tt)
		}
	}
	require.ErrorContains(t, d.Check(http.MethodPost, "/things/1", 200, nil, nil), "no operation")
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":                `{`,
		"no object":              `[]`,
		"a reference to nothing": `{"components":{"schemas":{"A":{"$ref":"#/components/schemas/B"}}}}`,
	} {
		_, err := resttest.Parse([]byte(text))
		require.Error(t, err, name)
	}
}
