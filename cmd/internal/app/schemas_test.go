package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/cmd/internal/app"
	"roster/scim"
	"roster/scim/scimtest"
)

// examples is the folder of the definitions that ship as examples.
const examples = "../../../testdata/schemas"

func withSchemas(c *app.Config) { c.Schemas = examples }

// TestSchemaSessions plays what can be done with resource types and extensions
// from files.
func TestSchemaSessions(t *testing.T) {
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			scimtest.RunScripts(t, testdata, "schemas/*.http", newHarness(t, memory, withSchemas).server())
		})
	}
}

// TestSchemaFilters asks for devices by attributes of every type, with every
// operator, on both engines, with an index and without.
func TestSchemaFilters(t *testing.T) {
	devices := []string{
		`"serialNumber":"a1","displayName":"Ant","managed":true,"memory":1,"price":0.5,"boughtAt":"2020-01-01T00:00:00Z","publicKey":"AAEC","tags":["red","old"],"manual":"https://example.com/1","interfaces":[{"value":"m1","type":"wifi","speed":10}]`,
		`"serialNumber":"A1","displayName":"bee","managed":false,"memory":20,"price":12.25,"boughtAt":"2020-01-01T01:00:00+02:00","publicKey":"AQID","tags":["Red"],"interfaces":[{"value":"m2","type":"ethernet","speed":100},{"value":"m3","type":"wifi","speed":5,"primary":true}]`,
		`"serialNumber":"b2","displayName":"Cat","memory":300,"price":-1e2,"model":"M"`,
	}
	rows := map[string]string{ // filter or sortBy -> serial numbers, in order for a sort
		`serialNumber eq "a1"`: "a1", `serialNumber eq "A1"`: "A1", `serialNumber ne "a1"`: "A1 b2", `serialNumber sw "a"`: "a1", `serialNumber ew "1"`: "A1 a1",
		`displayName co "E"`: "A1", `displayName gt "ant"`: "A1 b2", `displayName eq "BEE"`: "A1",
		`managed eq true`: "a1", `managed ne true`: "A1 b2", `managed pr`: "A1 a1", `not (managed eq false)`: "a1 b2",
		`memory gt 1`: "A1 b2", `memory ge 20`: "A1 b2", `memory lt 20`: "a1", `memory le 2e1`: "A1 a1", `memory eq 20.0`: "A1",
		`price lt 0`: "b2", `price eq 0.50`: "a1", `price gt 0.49 and price lt 13`: "A1 a1",
		`boughtAt eq "2019-12-31T23:00:00Z"`: "A1", `boughtAt lt "2020-01-01T00:00:00Z"`: "A1", `boughtAt ge "2020-01-01T00:00:00Z"`: "a1",
		`publicKey eq "AAEC"`: "a1", `publicKey eq "aaec"`: "", `publicKey pr`: "A1 a1",
		`tags eq "RED"`: "A1 a1", `tags ne "red"`: "a1 b2", `tags[value eq "old"]`: "a1", `manual ew "/1"`: "a1", `model eq "m"`: "b2",
		`interfaces.speed gt 50`: "A1", `interfaces[type eq "wifi" and speed lt 8]`: "A1", `interfaces pr`: "A1 a1", `interfaces.value eq "M1"`: "a1",
		`urn:example:schemas:core:1.0:Device:memory eq 300`: "b2", `meta.resourceType eq "Device"`: "A1 a1 b2",
		"memory": "a1 A1 b2", "price": "b2 a1 A1", "displayName": "a1 A1 b2", "boughtAt": "A1 a1 b2", "interfaces.speed": "A1 a1 b2", "owner": "a1 A1 b2",
	}
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			h := newHarness(t, memory, withSchemas)
			token := h.account("acme", "default")
			for _, d := range devices {
				status, answer := h.send(token, http.MethodPost, "/Devices", `{"schemas":["urn:example:schemas:core:1.0:Device"],`+d+`}`)
				require.Equal(t, http.StatusCreated, status, answer)
			}
			for question, want := range rows {
				parameter := "filter"
				if !strings.Contains(question, " ") {
					parameter = "sortBy"
				}
				status, answer := h.send(token, http.MethodGet, "/Devices?"+parameter+"="+url.QueryEscape(question), "")
				require.Equal(t, http.StatusOK, status, "%s: %s", question, answer)
				require.Equal(t, want, strings.Join(serials(t, answer, parameter == "filter"), " "), question)
			}
		})
	}
}

func serials(t *testing.T, answer string, sorted bool) (list []string) {
	v, err := scim.ParseJSON([]byte(answer))
	require.NoError(t, err)
	for _, r := range v.Get("Resources").Elements() {
		list = append(list, r.Get("serialNumber").Text())
	}
	require.Equal(t, fmt.Sprint(len(list)), v.Get("totalResults").Text())
	if sorted {
		slices.Sort(list)
	}
	return list
}

// rooms has a resource type with edges to one of another file, which shows where
// they come from; a required extension for it; and attributes with every
// mutability and returned.
var rooms = map[string]string{
	"room.json": `[{"name":"Room","endpoint":"/Rooms","schema":"urn:example:Room"},
		{"id":"urn:example:Room","attributes":[
			{"name":"displayName"},
			{"name":"machines","type":"complex","multiValued":true,"roster":{"edge":"machine"},"subAttributes":[
				{"name":"value","caseExact":true},{"name":"$ref","type":"reference","referenceTypes":["Machine","Room"],"mutability":"readOnly"},{"name":"type"}]}]}]`,
	"machine.json": `[{"name":"Machine","endpoint":"/Machines","schema":"urn:example:Machine","schemaExtensions":[{"schema":"urn:example:Audit","required":true}]},
		{"id":"urn:example:Audit","attributes":[{"name":"by","required":true,"mutability":"immutable","returned":"always"},{"name":"note","returned":"request"}]},
		{"id":"urn:example:Machine","attributes":[
			{"name":"label","mutability":"immutable"},{"name":"hidden","mutability":"writeOnly","returned":"never"},
			{"name":"state","mutability":"readOnly"},
			{"name":"lock","type":"complex","returned":"request","subAttributes":[{"name":"code"},{"name":"hint","returned":"always"}]},
			{"name":"rooms","type":"complex","multiValued":true,"mutability":"readOnly","roster":{"derived":"machine"},"subAttributes":[
				{"name":"value","caseExact":true,"mutability":"readOnly"},{"name":"$ref","type":"reference","referenceTypes":["Room"],"mutability":"readOnly"},
				{"name":"display","mutability":"readOnly"},{"name":"type","mutability":"readOnly"}]}]}]`,
}

// TestRelatedTypes: edges between types of files, seen from both ends; a required
// extension; what is immutable, readOnly, returned always, on request and never.
func TestRelatedTypes(t *testing.T) {
	folder := t.TempDir()
	for name, text := range rooms {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	const audit = `"urn:example:Audit":{"by":"me","note":"n"}`
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			h := newHarness(t, memory, func(c *app.Config) { c.Schemas = folder })
			token := h.account("acme", "default")
			ids := map[string]string{}
			for _, row := range []struct {
				method, path, body string
				status             int
				want               string // in the answer
			}{
				{"POST", "/Machines", `{"label":"l"}`, 400, "attribute urn:example:Audit is required"},
				{"POST", "/Machines", `{"label":"l","urn:example:Audit":{"note":"n"}}`, 400, "urn:example:Audit:by is required"},
				{"POST", "/Machines", `{"label":"l","hidden":"h","state":"s","rooms":[{"value":"x"}],"lock":{"code":"c","hint":"h"},` + audit + `}`, 201, `"lock":{"code":"c","hint":"h"},"urn:example:Audit":{"by":"me","note":"n"}`},
				{"GET", "/Machines/{1}", "", 200, `"label":"l","urn:example:Audit":{"by":"me"},"meta"`},
				{"GET", "/Machines/{1}?attributes=label", "", 200, `"label":"l","urn:example:Audit":{"by":"me"}}`},
				{"GET", "/Machines/{1}?excludedAttributes=urn:example:Audit", "", 200, `"urn:example:Audit":{"by":"me"}`},
				{"GET", "/Machines/{1}?attributes=hidden,state,lock.code", "", 200, `"lock":{"code":"c","hint":"h"}`},
				{"PATCH", "/Machines/{1}", `{"Operations":[{"op":"replace","path":"urn:example:Audit:by","value":"you"}]}`, 400, "immutable"},
				{"PATCH", "/Machines/{1}", `{"Operations":[{"op":"replace","path":"state","value":"on"}]}`, 400, "readOnly"},
				{"PATCH", "/Machines/{1}", `{"Operations":[{"op":"remove","path":"urn:example:Audit"}]}`, 400, "required"},
				{"PATCH", "/Machines/{1}", `{"Operations":[{"op":"replace","value":{"urn:example:Audit":{"NOTE":"m"},"hidden":"i"}}]}`, 200, `"urn:example:Audit":{"by":"me","note":"m"}`},
				{"PUT", "/Machines/{1}", `{"label":"l","urn:example:Audit":{"by":"me"}}`, 200, `"label":"l","urn:example:Audit":{"by":"me"},"meta"`},
				{"GET", "/Machines/{1}?attributes=urn:example:Audit:note", "", 200, `"note":"m"`},
				{"POST", "/Rooms", `{"displayName":"Lab","machines":[{"value":"{1}"}]}`, 201, `"type":"Machine","$ref":"` + h.base + `/Machines/`},
				{"POST", "/Rooms", `{"displayName":"Floor","machines":[{"value":"{2}"}]}`, 201, `"type":"Room","$ref":"` + h.base + `/Rooms/`},
				{"GET", "/Machines/{1}", "", 200, `"display":"Floor","type":"indirect"`},
				{"GET", "/Machines?filter=" + url.QueryEscape(`rooms[display eq "Lab" and type eq "direct"]`), "", 200, `"totalResults":1`},
				{"GET", "/Rooms?filter=" + url.QueryEscape(`machines[type eq "Machine"]`), "", 200, `"totalResults":1`},
				{"GET", "/Machines?filter=" + url.QueryEscape(`rooms.value eq "{3}"`), "", 200, `"totalResults":1`},
				{"GET", "/Machines?filter=" + url.QueryEscape(`hidden eq "i"`), "", 400, "invalidFilter"},
				{"PATCH", "/Rooms/{2}", `{"Operations":[{"op":"remove","path":"machines[value eq \"{1}\"]"}]}`, 200, `"displayName":"Lab","meta"`},
				{"GET", "/Machines?filter=" + url.QueryEscape(`rooms pr`), "", 200, `"totalResults":0`},
				{"GET", "/Schemas/urn:example:Audit", "", 200, `"returned":"always"`},
				{"DELETE", "/Machines/{1}", "", 204, ""},
			} {
				fill := func(text string) string {
					for n, id := range ids {
						text = strings.ReplaceAll(strings.ReplaceAll(text, "{"+n+"}", id), url.QueryEscape("{"+n+"}"), id)
					}
					return text
				}
				status, answer := h.send(token, row.method, fill(row.path), fill(row.body))
				require.Equal(t, row.status, status, "%s %s: %s", row.method, row.path, answer)
				require.Contains(t, answer, row.want, "%s %s", row.method, row.path)
				require.NotContains(t, answer, `"hidden"`)
				if status == http.StatusCreated {
					v, err := scim.ParseJSON([]byte(answer))
					require.NoError(t, err)
					ids[fmt.Sprint(len(ids)+1)] = v.Get("id").Text()
				}
			}
		})
	}
}

// TestSchemasAreFiles: a pipe is not waited for.
func TestSchemasAreFiles(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, syscall.Mkfifo(filepath.Join(folder, "pipe.json"), 0o600))
	_, _, err := app.CheckSchemas(folder)
	require.ErrorContains(t, err, "pipe.json is no regular file")
}
