package conformance

import "encoding/json"

// MarshalJSON writes the report for programs.
func (r *Report) MarshalJSON() ([]byte, error) {
	must, should := r.Counts()
	type requirement struct {
		ID      string   `json:"id"`
		Section Section  `json:"section"`
		Level   Level    `json:"level"`
		Text    string   `json:"text"`
		Status  Status   `json:"status"`
		Checks  []Result `json:"checks"`
	}
	requirements := []requirement{}
	for _, j := range r.Judgements() {
		q := j.Requirement
		requirements = append(requirements, requirement{q.ID, q.Section, q.Level, q.Text, j.Status, j.Results})
	}
	return json.Marshal(struct {
		Base         string        `json:"base"`
		Conforms     bool          `json:"conforms"`
		Must         Count         `json:"must"`
		Should       Count         `json:"should"`
		Requirements []requirement `json:"requirements"`
		Broken       []Result      `json:"broken,omitempty"`
		LeftBehind   []string      `json:"leftBehind,omitempty"`
	}{r.Base, r.Failing() == 0, must, should, requirements, r.Broken(), r.LeftBehind})
}
