package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"roster/cmd/internal/app"
	"roster/cmd/internal/config"
	"roster/cmd/internal/telemetry"
	"roster/scim/schema"
)

type schemaCommands struct {
	Check checkSchemaCommand `cmd:"" help:"Check files with schemas and resource types."`
	Drop  dropSchemaCommand  `cmd:"" help:"Remove all data of a schema or attribute that is not wanted any more."`
}

type checkSchemaCommand struct {
	output
	Path string `arg:"" name:"file" help:"File, or folder of *.json files, as for \"roster serve --schemas\"."`
}

func (checkSchemaCommand) Help() string {
	return `Prints what the files define, and what the server will do with it. Everything that is
wrong is told at once, each with file, line and column; the status is then 1.`
}

// checkedSchemas is what the command prints as JSON.
type checkedSchemas struct {
	ResourceTypes []checkedType      `json:"resourceTypes"`
	Attributes    []checkedAttribute `json:"attributes"`
	Faults        schema.Faults      `json:"faults"`
}

type checkedType struct {
	Name       string             `json:"name"`
	Endpoint   string             `json:"endpoint"`
	Schema     string             `json:"schema"`
	Extensions []checkedExtension `json:"schemaExtensions,omitempty"`
}

type checkedExtension struct {
	Schema   string `json:"schema"`
	Required bool   `json:"required"`
}

type checkedAttribute struct {
	Schema string   `json:"schema"`
	Path   string   `json:"path"` // in the schema
	Type   string   `json:"type"`
	Notes  []string `json:"notes,omitempty"` // what is not as by default
}

func (c *checkSchemaCommand) Run(env environment) error {
	_, definitions, err := app.CheckSchemas(c.Path)
	var faults schema.Faults
	if errors.As(err, &faults) && c.JSON {
		err = fmt.Errorf("faults in the definitions: %d", len(faults))
		return errors.Join(err, c.show(env, checkedSchemas{[]checkedType{}, []checkedAttribute{}, faults}, nil))
	}
	if err != nil {
		return err
	}
	checked := checkedSchemas{typesOf(definitions), attributesOf(definitions), schema.Faults{}}
	for _, s := range definitions.Schemas {
		if !definitions.Uses(s) {
			env.tell("no resource type uses %s: list it in the schemaExtensions of one", s.ID)
		}
	}
	return c.show(env, checked, checked.table())
}

// typesOf lists the resource types that the files make or extend.
func typesOf(d *schema.Definitions) []checkedType {
	list := []checkedType{}
	for _, rt := range d.Types {
		t := checkedType{Name: rt.Name, Endpoint: rt.Endpoint, Schema: rt.Schema.ID}
		touched := slices.Contains(d.Schemas, rt.Schema)
		for _, e := range rt.Extensions {
			t.Extensions = append(t.Extensions, checkedExtension{e.Schema.ID, e.Required})
			touched = touched || slices.Contains(d.Schemas, e.Schema)
		}
		if touched {
			list = append(list, t)
		}
	}
	return list
}

func attributesOf(d *schema.Definitions) []checkedAttribute {
	list := []checkedAttribute{}
	for _, s := range d.Schemas {
		s.Walk(func(path string, a *schema.Attribute) {
			list = append(list, checkedAttribute{Schema: s.ID, Path: path, Type: typeOf(a), Notes: notesOf(a)})
		})
	}
	return list
}

func typeOf(a *schema.Attribute) string {
	if a.MultiValued {
		return "list of " + string(a.Type)
	}
	return string(a.Type)
}

// notesOf says in words what is not as by default.
func notesOf(a *schema.Attribute) []string {
	var notes []string
	for _, note := range []struct {
		holds bool
		text  string
	}{
		{a.Required, "required"},
		{a.Uniqueness != schema.NotUnique, "unique"},
		{a.Index, "indexed"},
		{a.Mutability != schema.ReadWrite, string(a.Mutability)},
		{a.Returned != schema.Default, "returned " + string(a.Returned)},
		{a.Edge != "", "edge " + a.Edge},
		{a.Derived != "", "derived from " + a.Derived},
		{a.Exists, "must exist"},
		{a.Secret, "kept as a hash"},
		{a.Grant, "grant"},
		{len(a.ReferenceTypes) > 0, "refers to " + strings.Join(a.ReferenceTypes, " or ")},
	} {
		if note.holds {
			notes = append(notes, note.text)
		}
	}
	return notes
}

func (c checkedSchemas) table() [][]string {
	table := [][]string{{"RESOURCE TYPE", "ENDPOINT", "SCHEMA", ""}}
	for _, t := range c.ResourceTypes {
		table = append(table, []string{t.Name, t.Endpoint, t.Schema, ""})
		for _, e := range t.Extensions {
			need := "extension"
			if e.Required {
				need = "required extension"
			}
			table = append(table, []string{"", "", e.Schema, need})
		}
	}
	table = append(table, nil, []string{"SCHEMA", "ATTRIBUTE", "TYPE", "NOTES"})
	last := ""
	for _, a := range c.Attributes {
		urn := a.Schema
		if urn == last {
			urn = ""
		}
		last = a.Schema
		table = append(table, []string{urn, a.Path, a.Type, strings.Join(a.Notes, ", ")})
	}
	return table
}

type dropSchemaCommand struct {
	output
	Data string `required:"" env:"ROSTER_DATA" placeholder:"DIR" help:"Data folder, which no server may be using."`
	Path string `arg:"" name:"urn" help:"URN of a schema, or the path of an attribute with its URN, as the server named it."`
}

func (dropSchemaCommand) Help() string {
	return `A server that starts without a definition that still has data says so and stops. Either
put the definition back, or remove the data with this command, for good and from all
accounts: all resources for the URN of a resource type's schema, else what resources have
of the extension or attribute.

Make a backup first. If the command is broken off, run it again.`
}

func (c *dropSchemaCommand) Run(ctx context.Context, env environment) error {
	settings := config.Defaults()
	settings.Data, settings.LogFormat, settings.LogLevel = c.Data, "text", "warn"
	if err := settings.Validate(); err != nil {
		return err
	}
	logger, err := telemetry.NewLogger(env.stderr, settings.LogFormat, settings.LogLevel)
	if err != nil {
		return err
	}
	dropped, err := app.DropSchema(ctx, app.Config{Config: settings, Logger: logger}, c.Path, func(d app.Dropped) {
		env.tell("account %s: %d resources so far", d.Account, d.Resources)
	})
	if err != nil {
		return err
	}
	table := [][]string{{"ACCOUNT", "RESOURCES"}}
	for _, d := range dropped {
		table = append(table, []string{d.Account, strconv.Itoa(d.Resources)})
	}
	return c.show(env, dropped, table)
}
