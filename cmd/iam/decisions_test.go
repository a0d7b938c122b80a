package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestTestCommand_WorkedDecisions runs `iam test` on the worked decisions, or on the file in $IAM_DECISIONS.
func TestTestCommand_WorkedDecisions(t *testing.T) {
	file := "../../testdata/decisions.jsonl"
	if from := os.Getenv("IAM_DECISIONS"); from != "" {
		file = from
	}
	var out, errs bytes.Buffer
	if code := run([]string{"test", file}, strings.NewReader(""), &out, &errs); code != exitOK {
		t.Errorf("exit status %d\n%s%s", code, &out, &errs)
	}
}
