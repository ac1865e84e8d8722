package schema

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Fault is something in a file of definitions that cannot be.
type Fault struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // from 1
	Column  int    `json:"column"` // in characters, from 1
	Subject string `json:"subject,omitempty"`
	Detail  string `json:"detail"` // also says what to do
}

// Error is the fault in one line: "badge.json:12:7: attribute number: …".
func (f Fault) Error() string {
	if f.Subject == "" {
		return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Detail)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", f.File, f.Line, f.Column, f.Subject, f.Detail)
}

// Faults are all faults of a set of files, in the order of files and lines.
type Faults []Fault

// Error has a line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// err returns the faults in their order as an error, nil if there are none.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(f)
}

// unreadable is the fault of a file that parse refuses.
func (s *Source) unreadable(err error) Faults {
	fault := Fault{File: s.Name, Line: 1, Column: 1, Detail: err.Error()}
	var located *sourceError
	if errors.As(err, &located) {
		fault.Line, fault.Column = s.place(located.at)
	}
	return Faults{fault}
}

// statement is an object of a definition: where it and its members are, what it
// is about, and where its faults go.
type statement struct {
	subject string
	source  *Source
	faults  *Faults
	node    *node
}

// fault notes a fault of the value of that member, or of the whole object where
// it has no such member.
func (s *statement) fault(member, format string, args ...any) {
	at := s.node.at
	if v := s.node.get(member); v != nil {
		at = v.at
	}
	s.faultAt(at, format, args...)
}

// maxFaults bounds what is reported of files that are something else altogether.
const maxFaults = 100

func (s *statement) faultAt(at int, format string, args ...any) {
	switch n := len(*s.faults); {
	case n > maxFaults:
		return
	case n == maxFaults:
		format, args = "there are more faults; mend these first", nil
	}
	line, column := s.source.place(at)
	*s.faults = append(*s.faults, Fault{s.source.Name, line, column, s.subject, fmt.Sprintf(format, args...)})
}
