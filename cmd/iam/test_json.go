package main

import (
	"encoding/json"
	"io"
)

// testLine is the result of one test, one line of the JSON output.
type testLine struct {
	ID     string  `json:"id"`
	Note   string  `json:"note,omitempty"`
	Expect *string `json:"expect"` // null without an expected answer
	Pass   *bool   `json:"pass"`   // null without an expected answer
	Why    string  `json:"why,omitempty"`
	answer
	place
}

// reportJSON writes one object for each test, one on each line.
func (t *testRun) reportJSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for i := range t.results {
		r := &t.results[i]
		line := testLine{ID: r.id, Note: r.note, Why: r.why, answer: r.answer, place: r.place}
		line.Layers = nil // iam simulate shows them
		if r.expect != "" {
			line.Expect, line.Pass = &r.expect, &r.pass
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
