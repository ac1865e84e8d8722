package storetest

import (
	"slices"
	"strings"
	"time"

	"roster/storage"
)

// record is a document as far as engines must agree on it: claims are a set,
// and nil bytes are empty bytes.
type record struct {
	Type, ID, Version string
	Revision          uint64
	Created, Modified time.Time
	Claims, Body      string
}

func recordOf(d *storage.Document) record {
	claims := []string{}
	for _, c := range d.Claims {
		claims = append(claims, c.Attribute+"="+string(c.Value))
	}
	slices.Sort(claims)
	return record{
		Type: d.Type, ID: d.ID, Version: d.Version, Revision: d.Revision,
		Created: d.Created, Modified: d.Modified,
		Claims: strings.Join(claims, "\n"), Body: string(d.Body),
	}
}

func recordsOf(documents []*storage.Document) []record {
	records := []record{}
	for _, d := range documents {
		records = append(records, recordOf(d))
	}
	return records
}

// written is the record of a put at its first writing.
func written(p storage.Put) record {
	r := recordOf(&p.Document)
	r.Revision = 1
	return r
}

// line is an edge as far as engines must agree on it.
type line struct{ Kind, From, To, Data string }

func linesOf(edges []storage.Edge) []line {
	lines := []line{}
	for _, e := range edges {
		lines = append(lines, line{e.Kind, e.From, e.To, string(e.Data)})
	}
	return lines
}

// entry is an event as far as engines must agree on it.
type entry struct {
	Sequence            uint64
	Time                time.Time
	Type, Subject, Data string
}

func entriesOf(events []storage.Event) []entry {
	entries := []entry{}
	for _, e := range events {
		entries = append(entries, entry{e.Sequence, e.Time, e.Type, e.Subject, string(e.Data)})
	}
	return entries
}

// letter is a message as far as engines must agree on it.
type letter struct {
	Queue, ID string
	Due       time.Time
	Body      string
}

func lettersOf(messages []storage.Message) []letter {
	letters := []letter{}
	for _, m := range messages {
		letters = append(letters, letter{m.Queue, m.ID, m.Due, string(m.Body)})
	}
	return letters
}
