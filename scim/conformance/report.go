package conformance

import (
	"slices"
)

// Report is what a run found.
type Report struct {
	Base       string
	Results    []Result
	LeftBehind []string // URLs of resources that could not be deleted

	requirements []Requirement
	only         []string
}

// Judgement is how a requirement was kept.
type Judgement struct {
	Requirement Requirement
	Status      Status
	Results     []Result // of its checks
}

// Judgements returns the requirements that checks of this run show, in the order
// of the register. One fails if any of its checks does, and is skipped if none
// could run.
func (r *Report) Judgements() []Judgement {
	var all []Judgement
	for _, requirement := range r.requirements {
		j := Judgement{Requirement: requirement, Status: Skipped}
		for _, result := range r.Results {
			if slices.Contains(result.Shows, requirement.ID) && selected(r.only, result.Check, []string{requirement.ID}) {
				j.add(result)
			}
		}
		if len(j.Results) > 0 {
			all = append(all, j)
		}
	}
	return all
}

func (j *Judgement) add(result Result) {
	j.Results = append(j.Results, result)
	switch {
	case result.Status == Failed:
		j.Status = Failed
	case result.Status == Passed && j.Status == Skipped:
		j.Status = Passed
	}
}

// Broken are the checks that failed without showing a requirement: what the run
// needed and could not get, such as a user to try things on.
func (r *Report) Broken() []Result {
	var broken []Result
	for _, result := range r.Results {
		if len(result.Shows) == 0 && result.Status == Failed {
			broken = append(broken, result)
		}
	}
	return broken
}

// Failing counts the requirements that bind and are not kept, and what the run
// could not do. A server with none conforms, as far as it could be checked.
func (r *Report) Failing() int {
	n := len(r.Broken())
	for _, j := range r.Judgements() {
		if j.Status == Failed && j.Requirement.Level.Binds() {
			n++
		}
	}
	return n
}

// Count is how many requirements of a level were kept.
type Count struct {
	Passed  int `json:"pass"`
	Failed  int `json:"fail"`
	Skipped int `json:"skip"`
}

// Counts adds up the requirements: those that bind, and those that should be
// kept.
func (r *Report) Counts() (must, should Count) {
	for _, j := range r.Judgements() {
		count := &should
		if j.Requirement.Level.Binds() {
			count = &must
		}
		switch j.Status {
		case Passed:
			count.Passed++
		case Failed:
			count.Failed++
		case Skipped:
			count.Skipped++
		}
	}
	return must, should
}
