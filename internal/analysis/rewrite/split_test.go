package rewrite_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/rewrite"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// manyActions returns a statement with n actions.
func manyActions(sid, effect string, n int) string {
	actions := make([]string, n)
	for i := range actions {
		actions[i] = fmt.Sprintf(`"s3:GetObject%04d"`, i)
	}
	return fmt.Sprintf(`{"Sid":%q,"Effect":%q,"Action":[%s],"Resource":"*"}`, sid, effect, strings.Join(actions, ","))
}

func TestSplit_FitsLimit(t *testing.T) {
	for name, tc := range map[string]struct {
		statements string
		limit      int
		want       int // the number of documents
	}{
		"fits already":               {readReports, 0, 1},
		"statements":                 {readReports + "," + readSafely + "," + denyDelete, 200, 3},
		"a statement fills a space":  {readReports + "," + readSafely + "," + denyDelete, 300, 2},
		"actions of one statement":   {manyActions("Many", "Allow", 20), 200, 4},
		"actions of a denial":        {manyActions("Many", "Deny", 20), 200, 4},
		"AWS's quota for a document": {manyActions("A", "Allow", 250) + "," + manyActions("B", "Allow", 250), 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rewrite.Split(parse(t, tc.statements), policy.Identity, tc.limit, analysis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != analysis.Pass {
				t.Fatalf("the verdict is %s: %s %v", got.Verdict, got.Message, got.Open)
			}
			if len(got.Documents) != tc.want {
				t.Errorf("got %d documents, want %d", len(got.Documents), tc.want)
			}
			limit := tc.limit
			if limit == 0 {
				limit = 6144
			}
			for _, doc := range got.Documents {
				text, err := doc.MarshalJSON()
				if err != nil {
					t.Fatal(err)
				}
				if len(text) > limit {
					t.Errorf("a document has %d characters: %s", len(text), text)
				}
				if findings := policy.ValidateWith(catalog.Default(), text, policy.Identity).Errors(); len(findings) > 0 {
					t.Errorf("a document is not valid: %v", findings)
				}
			}
		})
	}
}

func TestSplit_ReportsStatementThatCannotBeDivided(t *testing.T) {
	long := `{"Sid":"Long","Effect":"Allow","NotAction":["s3:GetObject","s3:PutObject",` +
		`"s3:DeleteObject","s3:ListBucket","s3:ListAllMyBuckets"],` +
		`"Resource":"*"}`
	got, err := rewrite.Split(parse(t, readReports+","+long), policy.Identity, 150, analysis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != analysis.Fail || got.Documents != nil || len(got.Reasons) != 1 || got.Reasons[0].Index != 1 ||
		got.Reasons[0].Sid != "Long" {
		t.Errorf("got %+v, want a fail for statement 1", got)
	}
}

func TestSplit_RefusesKindsOfOnePolicy(t *testing.T) {
	for _, kind := range []policy.Kind{policy.Resource, policy.Trust, policy.Boundary, policy.Session} {
		if _, err := rewrite.Split(parse(t, readReports), kind, 0, analysis.Options{}); err == nil ||
			!strings.Contains(err.Error(), "there can be only one") {
			t.Errorf("%s: the error is %v", kind, err)
		}
	}
}

// TestSplit_ProvesAWSPolicies splits a sample of AWS's managed policies. A policy is too large only if it has a
// statement with NotAction, whose list cannot be divided.
func TestSplit_ProvesAWSPolicies(t *testing.T) {
	file, err := os.Open("../../../testdata/aws-managed-policies.jsonl.gz")
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
	split := 0
	for n := 0; lines.Scan(); n++ {
		if n%10 != 0 {
			continue
		}
		var line struct {
			Name string
			Doc  json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		doc, err := policy.Parse(line.Doc)
		if err != nil {
			t.Fatal(err)
		}
		got, err := rewrite.Split(authz.Policy{Name: line.Name, Document: doc}, policy.Identity, 1500, analysis.Options{})
		switch {
		case err != nil:
			t.Fatal(err)
		case got.Verdict == analysis.Pass:
			split++
		case got.Verdict != analysis.Fail || doc.Statements[got.Reasons[0].Index].NotAction == nil:
			t.Errorf("%s: %s: %s %v", line.Name, got.Verdict, got.Message, got.Open)
		}
	}
	if err := lines.Err(); err != nil || split < 150 {
		t.Errorf("%d policies were split (%v)", split, err)
	}
}
