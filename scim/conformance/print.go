package conformance

import (
	"fmt"
	"io"
	"strings"
)

// Print writes the report for people: section by section, each failure with its
// clause, request and response, at the end the counts. With all, every
// requirement is named, else those that failed, and why others were skipped.
func (r *Report) Print(w io.Writer, all bool) error {
	p := &printer{w: w, all: all}
	for _, result := range r.Broken() {
		p.line("COULD NOT BE CHECKED")
		p.failure(result)
	}
	for _, section := range bySection(r.Judgements()) {
		p.section(section)
	}
	p.counts(r)
	for _, url := range r.LeftBehind {
		p.line("left behind, for it could not be deleted: %s", url)
	}
	return p.err
}

// bySection splits the judgements, which are in the order of the sections.
func bySection(all []Judgement) (sections [][]Judgement) {
	for i, j := range all {
		if i == 0 || j.Requirement.Section != all[i-1].Requirement.Section {
			sections = append(sections, nil)
		}
		last := len(sections) - 1
		sections[last] = append(sections[last], j)
	}
	return sections
}

// printer keeps the first error of its writer.
type printer struct {
	w   io.Writer
	all bool
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, strings.TrimRight(format, " ")+"\n", args...)
	}
}

func (p *printer) section(judgements []Judgement) {
	section := judgements[0].Requirement.Section
	p.line("%-72s %s", section.String()+"  "+section.Title, summary(judgements))
	for _, j := range judgements {
		if p.all || j.Status == Failed {
			p.judgement(j)
		}
	}
	if !p.all {
		p.skipped(judgements)
	}
}

// summary is the status of a section in a few words.
func summary(judgements []Judgement) string {
	counts := map[Status]int{}
	for _, j := range judgements {
		counts[j.Status]++
	}
	var words []string
	for _, status := range []Status{Failed, Passed, Skipped} {
		if n := counts[status]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, statusWords[status]))
		}
	}
	return strings.Join(words, ", ")
}

var statusWords = map[Status]string{Passed: "ok", Failed: "FAILED", Skipped: "skipped"}

func (p *printer) judgement(j Judgement) {
	r := j.Requirement
	p.line("  %-7s %s  %s: %s", statusWords[j.Status], r.ID, r.Level, r.Text)
	for _, result := range j.Results {
		switch {
		case result.Status == Failed:
			p.failure(result)
		case p.all:
			p.line("          %-7s %s%s", statusWords[result.Status], result.Check, reason(result))
		}
	}
}

func reason(result Result) string {
	if result.Reason == "" {
		return ""
	}
	return " (" + result.Reason + ")"
}

func (p *printer) failure(result Result) {
	p.line("          %s", result.Check)
	p.line("          %s", strings.ReplaceAll(result.Difference, "\n", "\n          "))
	p.quoted("#", result.Why)
	p.quoted(">", result.Request)
	p.quoted("<", result.Response)
	p.line("")
}

func (p *printer) quoted(mark, text string) {
	if text == "" {
		return
	}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		p.line("            %s %s", mark, strings.TrimRight(line, "\r\n"))
	}
}

// skipped tells each reason once.
func (p *printer) skipped(judgements []Judgement) {
	told := map[string]bool{}
	for _, j := range judgements {
		for _, result := range j.Results {
			if j.Status == Skipped && !told[result.Reason] {
				told[result.Reason] = true
				p.line("  skipped: %s", result.Reason)
			}
		}
	}
}

func (p *printer) counts(r *Report) {
	must, should := r.Counts()
	p.line("")
	p.line("%-28s %6s %6s %8s", "", "ok", "failed", "skipped")
	p.line("%-28s %6d %6d %8d", "MUST, SHALL, REQUIRED", must.Passed, must.Failed, must.Skipped)
	p.line("%-28s %6d %6d %8d", "SHOULD, RECOMMENDED", should.Passed, should.Failed, should.Skipped)
}
