package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// awsPolicies returns every step-th of AWS's managed policies.
func awsPolicies(t *testing.T, step int) (texts []string) {
	t.Helper()
	file, err := os.Open("../../testdata/aws-managed-policies.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 1<<24)
	for n := 0; lines.Scan(); n++ {
		var line struct{ Doc json.RawMessage }
		if n%step != 0 {
			continue
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(line.Doc))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

// TestCompare_WitnessIsAQuestion asks iam simulate the witness of each answer, with the new and with the existing
// policy.
func TestCompare_WitnessIsAQuestion(t *testing.T) {
	const everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	bucket := func(principal, condition string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal +
			`,"Action":"s3:*","Resource":"arn:aws:s3:::b/*"` + condition + `}]}`
	}
	trust := func(principal string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal +
			`,"Action":"sts:AssumeRole"}]}`
	}
	type comparison struct{ kind, existing, updated string }
	comparisons := []comparison{
		{"resource", bucket(`{"AWS":"arn:aws:iam::123456789012:user/ana"}`, ""), bucket(`{"AWS":"123456789012"}`, "")},
		{"resource", bucket(`"*"`, `,"Condition":{"StringEquals":{"aws:PrincipalTag/team":["a","b"]}}`), bucket(`"*"`, "")},
		{"resource", bucket(`{"Service":"sns.amazonaws.com"}`, ""), bucket(`{"Service":"sqs.amazonaws.com"}`, "")},
		{"resource", bucket(`{"AWS":"123456789012"}`, ""),
			bucket(`"*"`, `,"Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a/r-b/*"}}`)},
		{"trust", trust(`{"Service":"ec2.amazonaws.com"}`), trust(`{"Service":"lambda.amazonaws.com"}`)},
		{"trust", trust(`{"AWS":"arn:aws:iam::123456789012:role/a"}`), trust(`{"AWS":"AROAEXAMPLEEXAMPLE222"}`)},
		{"trust", trust(`{"AWS":"arn:aws:iam::123456789012:user/a"}`), trust(`"*"`)},
	}
	policies := awsPolicies(t, 40)
	for i := range policies[1:] {
		comparisons = append(comparisons, comparison{"identity", policies[i], policies[i+1]})
	}
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	failed := 0
	for _, c := range comparisons {
		existing, updated := write("existing.json", c.existing), write("new.json", c.updated)
		var out, errs bytes.Buffer
		code := run([]string{"compare", "--kind", c.kind, "--existing", existing, "--new", updated, "-o", "json"},
			strings.NewReader(""), &out, &errs)
		var answer struct {
			Result  string
			Witness map[string]any
		}
		if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
			t.Fatalf("exit status %d: %v\n%s", code, err, &errs)
		}
		if want := map[string]int{"pass": exitOK, "fail": exitNo, "unknown": exitUnknown}[answer.Result]; code != want {
			t.Errorf("the result is %q with exit status %d", answer.Result, code)
		}
		if answer.Result != "fail" {
			continue
		}
		failed++
		for policy, want := range map[string]int{c.updated: exitOK, c.existing: exitNo} {
			question := maps.Clone(answer.Witness)
			// The principal may belong to another account than the resource, so that its identity policies count, too.
			question["identity"] = policy
			if c.kind != "identity" {
				question["identity"], question["resource_policy"] = everything, policy
			}
			text, err := json.Marshal(question)
			if err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			if code := run([]string{"simulate", write("question.json", string(text))}, strings.NewReader(""), &out,
				&errs); code != want {
				t.Errorf("the exit status of iam simulate is %d, want %d, for %s\n%s%s", code, want, text, &out, &errs)
			}
		}
	}
	if failed < len(comparisons)/2 {
		t.Errorf("only %d of %d comparisons found new access", failed, len(comparisons))
	}
}
