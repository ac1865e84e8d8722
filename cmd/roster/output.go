package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
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

// shortened is a table without the columns that have nothing but a heading, because
// few lists need all that there can be.
func shortened(table [][]string) [][]string {
	short := make([][]string, len(table))
	for column := range table[0] {
		empty := len(table) > 1
		for _, row := range table[1:] {
			empty = empty && row[column] == ""
		}
		if empty {
			continue
		}
		for i, row := range table {
			short[i] = append(short[i], row[column])
		}
	}
	return short
}

// when is a time to the minute, as lists and messages tell it.
func when(t time.Time) string { return t.UTC().Format("2006-01-02T15:04Z07:00") }

// settingRows are the rows of named settings, in the order of their names.
func settingRows[T any](kind string, settings map[string]T) (rows [][]string) {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		rows = append(rows, []string{kind + " " + name, fmt.Sprint(settings[name])})
	}
	return rows
}
