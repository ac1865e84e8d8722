package audit

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"roster/storage"
)

// Report is what Verify found out about an export.
type Report struct {
	Extent  Extent `json:"export"`
	Records int    `json:"records"`
	Heads   []Head `json:"heads"` // the last records of the logs that it has records of
	// Unproven is how many records are shown only by the ones behind them, because
	// the record before was forgotten: the first of a log that was trimmed.
	Unproven int       `json:"unproven"`
	Problems []Problem `json:"problems"` // none: all is as it was exported; at most 100
}

// Problem is what is wrong with an export.
type Problem struct {
	Line int    `json:"line,omitempty"` // from 1; 0: of the export as a whole
	Text string `json:"text"`
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

const (
	maxProblems = 100
	maxLine     = 256 << 10 // bytes; an event's data takes 22 KiB at most
	maxHeads    = 2         // of an export: one of each log
)

// Verify checks what Export wrote, without the store: whether lines were altered,
// removed, put elsewhere or doubled, and whether the end is cut off. What was
// trimmed before the export began is no problem. The known heads, noted down
// earlier, must be in the export, too: they alone show that nobody made the chain
// anew. The error is that of reading; a file of whatever content is reported on,
// in bounded memory.
func Verify(r io.Reader, known ...Head) (Report, error) {
	v := &verifier{logs: map[string]*chainState{}, known: known, report: Report{Problems: []Problem{}}}
	in := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := in.ReadSlice('\n')
		if len(line) > 0 {
			v.line++
			v.check(bytes.TrimSuffix(line, []byte("\n")), errors.Is(err, bufio.ErrBufferFull))
		}
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		if errors.Is(err, io.EOF) {
			return v.finish(), nil
		}
		if err != nil {
			return Report{}, err
		}
	}
}

// verifier is the state of a check.
type verifier struct {
	line   int
	report Report
	logs   map[string]*chainState
	known  []Head // that were not met yet
}

// chainState is where the records of a log have come to.
type chainState struct {
	last Head
	some bool // there was a record
	// dense: every record of the log is there, and not only those of one account.
	dense bool
}

func (v *verifier) problem(line int, format string, args ...any) {
	if len(v.report.Problems) < maxProblems {
		v.report.Problems = append(v.report.Problems, Problem{line, fmt.Sprintf(format, args...)})
	}
}

func (v *verifier) check(line []byte, tooLong bool) {
	var r Record
	switch {
	case tooLong:
		v.problem(v.line, "too long to be a record")
	case v.line == 1:
		v.heading(line)
	case json.Unmarshal(line, &r) != nil:
		v.problem(v.line, "no record")
	case v.logs[r.Log] == nil:
		v.problem(v.line, "of a log that the export does not have")
	default:
		v.report.Records++
		if text := v.alteration(line, &r); text != "" {
			v.problem(v.line, "%s", text)
		}
		v.follow(v.logs[r.Log], &r)
	}
}

func (v *verifier) heading(line []byte) {
	var h Heading
	if json.Unmarshal(line, &h) != nil || h.Export.Account == "" || len(h.Export.Heads) > maxHeads || !isTextOf(line, h) {
		v.problem(v.line, "not the heading of an export; nothing of it can be checked")
		return
	}
	v.report.Extent = h.Export
	v.known = slices.Concat(h.Export.Heads, v.known)
	v.logs[SystemLog] = &chainState{dense: h.Export.Account == storage.System}
	if h.Export.Account != storage.System {
		v.logs[AccountLog] = &chainState{dense: true}
	}
}

// alteration tells what is wrong with a line by itself, "" for nothing.
func (v *verifier) alteration(line []byte, r *Record) string {
	previous, err := hex.DecodeString(r.Previous)
	e := r.event()
	e.Hash = storage.Chain(previous, e)
	account := v.report.Extent.Account
	switch {
	case err != nil || len(previous) != sha256.Size && r.Previous != "":
		return "altered: its previous hash is none"
	case r.Sequence == 0, r.Sequence == 1 && strings.Trim(r.Previous, "0") != "":
		return "altered: nothing is before the first record"
	case account != storage.System && r.Account != string(account):
		return "about another account"
	case r.Previous == "":
		e.Hash, _ = hex.DecodeString(r.Hash) // shown by the next one
		v.report.Unproven++
		if r.Sequence == 1 || v.logs[r.Log].some {
			return "altered: it does not say what was before it"
		}
	}
	if !isTextOf(line, recordOf(r.Log, account, *e, previous)) {
		return "altered: it does not fit its hash"
	}
	return ""
}

// follow checks that a record comes behind those that were met.
func (v *verifier) follow(s *chainState, r *Record) {
	isFirst := !s.some && r.Previous != "" && v.report.Extent.From.IsZero() // of all that was not forgotten
	switch next := s.last.Sequence + 1; {
	case s.some && r.Sequence < next:
		v.problem(v.line, "record %d of the %s log is there twice or in the wrong place", r.Sequence, r.Log)
		return
	case s.dense && r.Sequence > next && (s.some || isFirst):
		v.problem(v.line, "records %d to %d of the %s log are missing before it", next, r.Sequence-1, r.Log)
	case s.some && r.Sequence == next && r.Previous != s.last.Hash:
		v.problem(v.line, "record %d of the %s log does not fit the one before it", r.Sequence, r.Log)
	}
	s.some, s.last = true, r.head()
	v.meet(s.last)
}

// meet takes a record that is there off the heads that are known.
func (v *verifier) meet(there Head) {
	left := v.known[:0]
	for _, k := range v.known {
		switch {
		case k.Log != there.Log || k.Sequence != there.Sequence:
			left = append(left, k)
		case k.Hash != there.Hash:
			v.problem(v.line, "record %d of the %s log is another one than what is known of it", k.Sequence, k.Log)
		}
	}
	v.known = left
}

func (v *verifier) finish() Report {
	v.report.Heads = []Head{}
	if v.line == 0 {
		v.problem(0, "the export is empty")
	}
	for _, k := range v.known {
		v.problem(0, "record %d of the %s log is missing, of which it is known that it was there", k.Sequence, k.Log)
	}
	for _, log := range []string{SystemLog, AccountLog} {
		if s := v.logs[log]; s != nil && s.some {
			v.report.Heads = append(v.report.Heads, s.last)
		}
	}
	return v.report
}

// isTextOf reports whether a line is what Export writes of a value.
func isTextOf(line []byte, v any) bool {
	text, err := storage.EventJSON(v)
	return err == nil && bytes.Equal(text, line)
}
