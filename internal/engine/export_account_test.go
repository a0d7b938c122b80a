package engine

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func TestExportAccount_AWSForm(t *testing.T) {
	e := newPopulatedEngine(t)
	var form map[string][]map[string]any
	if err := json.Unmarshal(must(operator(e).ExportAccount(t.Context(), nil)).Text, &form); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"UserDetailList": 1, "GroupDetailList": 1, "RoleDetailList": 1, "Policies": 2} {
		if len(form[name]) != want {
			t.Errorf("%s has %d entries, want %d", name, len(form[name]), want)
		}
	}
}

// An import of an export has the same access assertions, and enforces them.
func TestImportAccount_AccessAssertions(t *testing.T) {
	from, ctx := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db")), t.Context()
	exported := must(operator(from).ExportAccount(ctx, nil)).Text
	to := newTestEngine(t)
	must(operator(to).ImportAccount(ctx, &ImportAccountInput{Text: exported}))
	if again := must(operator(to).ExportAccount(ctx, nil)).Text; string(again) != string(exported) {
		t.Errorf("the export of the import differs:\n%s\nwant\n%s", again, exported)
	}
	wantError(t, grantAna(ctx, operator(to)), AccessAssertionViolation, "The change violates…")
}

// An import takes an account that violates its own assertions, and reports the violation.
func TestImportAccount_ViolatedAssertion(t *testing.T) {
	from, ctx := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db")), t.Context()
	overriding := must(LocalOperator("tester", Circumstances{}).OverridingAssertions("incident 7", "payroll"))
	if err := grantAna(ctx, from.As(overriding)); err != nil {
		t.Fatal(err)
	}
	exported := must(operator(from).ExportAccount(ctx, nil)).Text
	exported = regexp.MustCompile(`(?s),\s*"Overridden": \[.*?\]`).ReplaceAll(exported, nil)
	to := newTestEngine(t)
	out := must(operator(to).ImportAccount(ctx, &ImportAccountInput{Text: exported}))
	if report := strings.Join(out.NotImported, "\n"); !strings.Contains(report, `violates access assertion "payroll"`) {
		t.Errorf("the report does not name the violation: %s", report)
	}
	must(operator(to).DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: new("ana"), PolicyName: new("s3")}))
	wantError(t, grantAna(ctx, operator(to)), AccessAssertionViolation, "The change violates…")
}
