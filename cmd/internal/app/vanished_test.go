package app_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/cmd/internal/admin"
	"roster/cmd/internal/app"
)

const (
	badgeURN  = "urn:example:schemas:extension:badge:1.0:User"
	deviceURN = "urn:example:schemas:core:1.0:Device"
)

// evolving is a server whose definitions change from start to start.
type evolving struct {
	t      *testing.T
	config app.Config
	token  string
	paths  []string
}

// newEvolving serves the examples once: two accounts, each with a user with a
// badge, and a device that the user owns and uses.
func newEvolving(t *testing.T) *evolving {
	c := inFolder(filepath.Join(t.TempDir(), "data"))
	c.Passwords.Memory, c.Passwords.Time = 8, 1
	c.Schemas = filepath.Join(t.TempDir(), "schemas")
	require.NoError(t, os.Mkdir(c.Schemas, 0o700))
	e := &evolving{t: t, config: c}
	for _, name := range []string{"badge.json", "device.json", "device-type.json"} {
		text, err := os.ReadFile(filepath.Join(examples, name))
		require.NoError(t, err)
		e.write(name, text)
	}
	e.run(func(a *app.App) {
		e.token = newToken(t, a)
		_, err := a.Service().CreateAccount(t.Context(), admin.NewAccount{Name: "other"})
		require.NoError(t, err)
		user := create(t, a, e.token, `{"userName":"babs","`+badgeURN+`":{"number":"1","level":3,"pin":"2580","zones":["lab"]}}`)
		id := filepath.Base(user)
		status, answer := send(a, e.token, http.MethodPost, "/Devices", `{"serialNumber":"s","displayName":"d","owner":{"value":"`+id+`"},
			"users":[{"value":"`+id+`"}],"interfaces":[{"value":"m","speed":1},{"value":"n"}]}`)
		require.Equal(t, http.StatusCreated, status, answer)
		var device struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(answer), &device))
		e.paths = []string{user, "/Devices/" + device.ID}
	})
	return e
}

func (e *evolving) write(name string, text []byte) {
	require.NoError(e.t, os.WriteFile(filepath.Join(e.config.Schemas, name), text, 0o600))
}

// run starts the server, and checks the store before it stops it.
func (e *evolving) run(use func(*app.App)) {
	e.t.Helper()
	a, err := app.New(e.config)
	require.NoError(e.t, err)
	use(a)
	report, err := a.Service().Check(e.t.Context(), struct{}{})
	require.NoError(e.t, err)
	require.Empty(e.t, report.Problems)
	require.NoError(e.t, a.Close())
}

// refused starts the server in vain.
func (e *evolving) refused() error {
	e.t.Helper()
	a, err := app.New(e.config)
	if err == nil {
		require.NoError(e.t, a.Close())
	}
	require.Error(e.t, err)
	return err
}

func (e *evolving) drop(path string) (resources int) {
	e.t.Helper()
	dropped, err := app.DropSchema(e.t.Context(), app.Config{Config: e.config.Config, Logger: e.config.Logger}, path, func(app.Dropped) {})
	require.NoError(e.t, err)
	require.Len(e.t, dropped, 2, "all accounts")
	for _, d := range dropped {
		resources += d.Resources
	}
	return resources
}

// removeAttribute takes an attribute, or a sub-attribute of it, out of the schema
// in a file.
func (e *evolving) removeAttribute(file string, names ...string) {
	e.t.Helper()
	text, err := os.ReadFile(filepath.Join(e.config.Schemas, file))
	require.NoError(e.t, err)
	var whole any
	require.NoError(e.t, json.Unmarshal(text, &whole))
	schema, ok := whole.(map[string]any)
	if !ok {
		schema = whole.([]any)[0].(map[string]any)
	}
	list := "attributes"
	for _, name := range names[:len(names)-1] {
		attributes := schema[list].([]any)
		at := slices.IndexFunc(attributes, func(a any) bool { return a.(map[string]any)["name"] == name })
		schema, list = attributes[at].(map[string]any), "subAttributes"
	}
	last := names[len(names)-1]
	schema[list] = slices.DeleteFunc(schema[list].([]any), func(a any) bool { return a.(map[string]any)["name"] == last })
	text, err = json.Marshal(whole)
	require.NoError(e.t, err)
	e.write(file, text)
}

// TestVanished: a definition that has data cannot go unnoticed; all that are gone
// are told at once, and nothing happened to the data.
func TestVanished(t *testing.T) {
	e := newEvolving(t)
	folder := e.config.Schemas
	e.config.Schemas = ""
	err := e.refused()
	for _, want := range []string{
		badgeURN + " any more", deviceURN + " any more", "account acme has data", "put the definition back",
		"roster schema drop " + deviceURN + " --data " + e.config.Data,
	} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "level", "what is in something that is gone")

	e.config.Schemas = folder
	e.run(func(a *app.App) {
		for _, path := range e.paths {
			status, answer := send(a, e.token, http.MethodGet, path, "")
			require.Equal(t, http.StatusOK, status, answer)
		}
	})
}

// TestVanishedWithoutData: what was never used can go.
func TestVanishedWithoutData(t *testing.T) {
	e := newEvolving(t)
	e.run(func(a *app.App) {
		for _, path := range e.paths {
			status, answer := send(a, e.token, http.MethodDelete, path, "")
			require.Equal(t, http.StatusNoContent, status, answer)
		}
	})
	e.config.Schemas = ""
	e.run(func(a *app.App) {
		status, _ := send(a, e.token, http.MethodGet, "/Devices", "")
		require.Equal(t, http.StatusNotFound, status)
	})
}

// TestCommandsKnowDefinitions: a command that opens the data itself works with
// the definitions that it was last served with, so that it damages no index.
func TestCommandsKnowDefinitions(t *testing.T) {
	e := newEvolving(t)
	conn, err := app.Administer(t.Context(), app.Config{Config: inFolder(e.config.Data).Config, Logger: e.config.Logger}, false)
	require.NoError(t, err)
	report, err := conn.Check(t.Context())
	require.NoError(t, err)
	require.Empty(t, report.Problems)
	require.NoError(t, conn.Close())
}

// TestDropSchema: the way out.
func TestDropSchema(t *testing.T) {
	e := newEvolving(t)
	require.Equal(t, 1, e.drop(badgeURN))
	require.Equal(t, 1, e.drop(deviceURN))
	require.Zero(t, e.drop(badgeURN), "it can be repeated")
	e.config.Schemas = ""
	e.run(func(a *app.App) {
		_, answer := send(a, e.token, http.MethodGet, e.paths[0], "")
		require.NotContains(t, answer, "badge")
		require.NotContains(t, answer, badgeURN)
		status, _ := send(a, e.token, http.MethodPatch, e.paths[0], `{"Operations":[{"op":"replace","path":"title","value":"x"}]}`)
		require.Equal(t, http.StatusOK, status)
	})
	_, err := app.DropSchema(t.Context(), e.config, badgeURN, func(app.Dropped) {})
	require.ErrorIs(t, err, app.ErrNoDefinition, "nothing is known any more")
}

// TestAttributesVanish: attributes are held to the same, also in lists, edges,
// secrets and unique ones.
func TestAttributesVanish(t *testing.T) {
	for _, row := range []struct {
		file  string
		names []string
		path  string
	}{
		{"badge.json", []string{"number"}, badgeURN + ":number"},
		{"badge.json", []string{"pin"}, badgeURN + ":pin"},
		{"badge.json", []string{"zones"}, badgeURN + ":zones"},
		{"device.json", []string{"serialNumber"}, deviceURN + ":serialNumber"},
		{"device.json", []string{"users"}, deviceURN + ":users"},
		{"device.json", []string{"owner"}, deviceURN + ":owner"},
		{"device.json", []string{"interfaces", "speed"}, deviceURN + ":interfaces.speed"},
	} {
		t.Run(row.path, func(t *testing.T) {
			e := newEvolving(t)
			e.removeAttribute(row.file, row.names...)
			require.ErrorContains(t, e.refused(), "no file defines "+row.path+" any more")
			require.Equal(t, 1, e.drop(row.path))
			e.run(func(a *app.App) {
				for _, path := range e.paths {
					_, answer := send(a, e.token, http.MethodGet, path, "")
					require.NotContains(t, answer, `"`+row.names[len(row.names)-1]+`"`)
				}
			})
		})
	}
	e := newEvolving(t)
	e.removeAttribute("device.json", "price") // no device has one
	e.run(func(*app.App) {})
}

// TestChangedKind: an attribute that becomes another kind of value is another one.
func TestChangedKind(t *testing.T) {
	e := newEvolving(t)
	text, err := os.ReadFile(filepath.Join(e.config.Schemas, "badge.json"))
	require.NoError(t, err)
	e.write("badge.json", []byte(strings.Replace(string(text), `"name": "level", "type": "integer"`, `"name": "level", "type": "boolean"`, 1)))
	require.ErrorContains(t, e.refused(), "no file defines "+badgeURN+":level any more, or not as number")
	e.write("badge.json", []byte(strings.Replace(string(text), `"name": "level", "type": "integer"`, `"name": "level", "type": "decimal"`, 1)))
	e.run(func(*app.App) {})
}
