package policy

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"
)

// managedPolicies reads AWS's managed policies by name.
func managedPolicies(tb testing.TB) map[string]json.RawMessage {
	tb.Helper()
	file, err := os.Open("../../testdata/aws-managed-policies.jsonl.gz")
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		tb.Fatal(err)
	}
	policies := map[string]json.RawMessage{}
	lines := bufio.NewScanner(zip)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var line struct {
			Name string          `json:"name"`
			Doc  json.RawMessage `json:"doc"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			tb.Fatal(err)
		}
		policies[line.Name] = line.Doc
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
	return policies
}

func TestParse_ManagedPolicies(t *testing.T) {
	policies := managedPolicies(t)
	if len(policies) < 1600 {
		t.Fatalf("%d policies; want all of them", len(policies))
	}
	codes := map[Code]int{}
	for name, text := range policies {
		for _, f := range Validate(text, Identity) {
			codes[f.Code]++
			if f.Kind == Error {
				t.Errorf("%s: %s", name, f)
			}
		}
		doc, err := Parse(text)
		if err != nil {
			continue
		}
		out, err := doc.MarshalJSON()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := Parse(out)
		if err != nil || !Equal(doc, again) {
			t.Errorf("%s: the policy differs after it is written and parsed: %v", name, err)
		}
		canonical := doc.Canonical()
		one, _ := canonical.MarshalJSON()
		two, _ := canonical.Canonical().MarshalJSON()
		if !bytes.Equal(one, two) {
			t.Errorf("%s: the canonical form of the canonical form differs", name)
		}
	}
	t.Logf("findings: %v", codes)
}

// TestCheck_ManagedPoliciesHaveFewFindings checks that the findings that depend on the catalog are rare in policies
// that AWS has tested. Some of them are true: the actions of withdrawn services, ARNs such as
// "arn:aws:secretsmanager:*:*:sqlworkbench!*", and conditions on tags with actions that have none.
func TestCheck_ManagedPoliciesHaveFewFindings(t *testing.T) {
	most := map[Code]int{
		CodeInvalidServiceInAction: 120, CodeInvalidAction: 70, CodeStarOnlyAction: 120, CodeInvalidARNResource: 75,
		CodeResourceWithoutAction: 60, CodeActionWithoutResource: 50, CodeAllowTagKey: 45, CodeActionForKey: 40,
		CodeMissingARNRegion: 10, CodeTypeMismatch: 5, CodeMissingQualifier: 5, CodeForAllValuesSingle: 5,
		CodeUnknownService: 5, CodeInvalidGlobalKey: 5, CodeInvalidServiceKey: 5, CodeAccountNotAllowed: 0,
		CodeRegionNotAllowed: 0, CodeDenyTagKey: 0, CodeAllowNotActionTagKey: 0, CodeDenyNotActionTagKey: 0,
	}
	found, affected := map[Code]int{}, 0
	policies := managedPolicies(t)
	for _, text := range policies {
		hasFinding := false
		for _, f := range Validate(text, Identity) {
			if _, depends := most[f.Code]; depends {
				found[f.Code]++
				hasFinding = true
			}
		}
		if hasFinding {
			affected++
		}
	}
	t.Logf("%d of %d policies have such findings", affected, len(policies))
	for code, limit := range most {
		if found[code] > limit {
			t.Errorf("%d findings of %s, want at most %d", found[code], code, limit)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	policies := managedPolicies(b)
	size := 0
	for _, text := range policies {
		size += len(text)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for name, text := range policies {
			if _, err := Parse(text); err != nil {
				b.Fatalf("%s: %v", name, err)
			}
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	policies := managedPolicies(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range policies {
			if findings := Validate(text, Identity); len(findings.Errors()) > 0 {
				b.Fatal(findings)
			}
		}
	}
}
