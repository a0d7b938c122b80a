package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestWorkedDecisions runs a file of worked decisions, which is kept beside
// the project and not in it.
func TestWorkedDecisions(t *testing.T) {
	file := "../../../shared/cases/decisions.jsonl"
	if from := os.Getenv("IAM_DECISIONS"); from != "" {
		file = from
	}
	if _, err := os.Stat(file); err != nil {
		t.Skipf("the worked decisions are not here: %v", err)
	}
	var out, errs bytes.Buffer
	if code := run([]string{"test", file}, strings.NewReader(""), &out, &errs); code != exitOK {
		t.Errorf("exit status %d\n%s%s", code, &out, &errs)
	}
}
