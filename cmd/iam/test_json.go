package main

import (
	"encoding/json"
	"io"
)

// testLine is one test as JSON has it, one a line.
type testLine struct {
	ID     string  `json:"id"`
	Note   string  `json:"note,omitempty"`
	Expect *string `json:"expect"` // null where nothing is expected
	Pass   *bool   `json:"pass"`   // likewise
	Why    string  `json:"why,omitempty"`
	answer
	place
}

// reportJSON writes one object a test, one a line, in the order of the tests.
func (t *testRun) reportJSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for i := range t.results {
		r := &t.results[i]
		line := testLine{ID: r.id, Note: r.note, Why: r.why, answer: r.answer, place: r.place}
		line.Layers = nil // iam simulate has them
		if r.expect != "" {
			line.Expect, line.Pass = &r.expect, &r.pass
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
