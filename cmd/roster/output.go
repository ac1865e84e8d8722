package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// output is for commands that print data.
type output struct {
	JSON bool `name:"json" help:"Print JSON, for programs."`
}

// show prints the value as JSON, or else the table.
func (o output) show(env environment, value any, table [][]string) error {
	if !o.JSON {
		return writeTable(env.stdout, table)
	}
	encoder := json.NewEncoder(env.stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

func writeTable(w io.Writer, table [][]string) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range table {
		if _, err := fmt.Fprintln(columns, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return columns.Flush()
}

// settingRows are the rows of named settings, in the order of their names.
func settingRows[T any](kind string, settings map[string]T) (rows [][]string) {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		rows = append(rows, []string{kind + " " + name, fmt.Sprint(settings[name])})
	}
	return rows
}
