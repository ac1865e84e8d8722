package app_test

import (
	"os"
	"testing"

	"roster/scim/scimtest"
	"roster/scim/script"
)

// testdata of the project: sessions and tables of what real clients send.
var testdata = os.DirFS("../../../testdata")

// profiles that the tables state a result for.
var profiles = []string{"default", "strict"}

func onEachEngine(t *testing.T, run func(t *testing.T, server scimtest.Server)) {
	for engine, memory := range engines {
		t.Run(engine, func(t *testing.T) {
			server := newHarness(t, memory).server()
			run(t, func(t *testing.T, profile string) script.Client { return server(t, profile) })
		})
	}
}

func TestClients(t *testing.T) {
	onEachEngine(t, func(t *testing.T, server scimtest.Server) {
		scimtest.RunScripts(t, testdata, "clients/*.http", server)
	})
}

// TestRFCExamples plays the examples of RFC 7643 and RFC 7644, corrected as
// testdata/rfc/CORRECTIONS.md says.
func TestRFCExamples(t *testing.T) {
	onEachEngine(t, func(t *testing.T, server scimtest.Server) {
		scimtest.RunScripts(t, testdata, "rfc/*.http", server)
	})
}

func TestPatchTable(t *testing.T) {
	onEachEngine(t, func(t *testing.T, server scimtest.Server) {
		for _, profile := range profiles {
			t.Run(profile, func(t *testing.T) {
				scimtest.RunPatchTable(t, testdata, "clients/patch.txt", profile, server)
			})
		}
	})
}

func TestQueryTable(t *testing.T) {
	onEachEngine(t, func(t *testing.T, server scimtest.Server) {
		for _, profile := range profiles {
			t.Run(profile, func(t *testing.T) {
				scimtest.RunQueryTable(t, testdata, "clients/queries.txt", profile, server)
			})
		}
	})
}
