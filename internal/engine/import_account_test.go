package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
)

// sampleAccount is an account as the aws CLI prints it.
func sampleAccount(t *testing.T) []byte {
	t.Helper()
	return must(os.ReadFile(filepath.Join("testdata", "account.json")))
}

// newAccount makes an engine for the sample's account.
func newAccount(t *testing.T) *Engine {
	t.Helper()
	e := must(Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "iam.db"), AccountID: "123456789012"}))
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// withoutAdditions takes from an export what AWS leaves out of the form.
func withoutAdditions(t *testing.T, text []byte) string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, `            "MaxSessionDuration":`) {
			lines = append(lines, line)
		}
	}
	return strings.ReplaceAll(strings.Join(lines, ""), "},\n        }", "}\n        }")
}

func TestImportAccount_RoundTrip(t *testing.T) {
	e := newAccount(t)
	report := must(e.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(), &ImportAccountInput{Text: sampleAccount(t)}))
	if report.Users != 2 || report.Groups != 1 || report.Roles != 2 || report.Policies != 3 || strings.Join(report.Reissue, " ") != "alice bob" {
		t.Errorf("the report is %+v", report)
	}
	first := must(operator(e).ExportAccount(t.Context(), nil)).Text
	if got := withoutAdditions(t, first); got != string(sampleAccount(t)) {
		t.Errorf("exported is\n%s", got)
	}

	again := newAccount(t)
	second := must(again.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(), &ImportAccountInput{Text: first}))
	if len(second.NotImported) != 0 {
		t.Errorf("of an export was left: %q", second.NotImported)
	}
	if got := must(operator(again).ExportAccount(t.Context(), nil)).Text; string(got) != string(first) {
		t.Errorf("the second export is\n%s", got)
	}

	c, ctx := operator(e), t.Context()
	version := must(c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: aws.String("arn:aws:iam::123456789012:policy/team/Deploy"), VersionId: aws.String("v3")})).PolicyVersion
	if version.IsDefaultVersion || *version.VersionId != "v3" {
		t.Errorf("version 3 is %+v", version)
	}
	next := must(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: aws.String("arn:aws:iam::123456789012:policy/team/Deploy"), PolicyDocument: aws.String(allowAll)}))
	if *next.PolicyVersion.VersionId != "v5" {
		t.Errorf("the next version is %s, where the last was v4", *next.PolicyVersion.VersionId)
	}

	// Whom a role trusts is someone, not a name: another alice is not trusted, a renamed one is.
	must(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("alice"), NewUserName: aws.String("alicia")}))
	role := must(c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("deploy")})).Role
	if !strings.Contains(*role.AssumeRolePolicyDocument, "alicia") || !strings.Contains(*role.AssumeRolePolicyDocument, "AIDAGONE0000000000000") {
		t.Errorf("the role trusts %s", *role.AssumeRolePolicyDocument)
	}
}

func TestImportAccount_RecordsEachEntity(t *testing.T) {
	e := newAccount(t)
	must(e.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(), &ImportAccountInput{Text: sampleAccount(t)}))
	var got []string
	for link, err := range e.AuditEvents(t.Context(), AuditFilter{Subject: "AIDAALICE000000000000"}) {
		if err != nil {
			t.Fatal(err)
		}
		event := must(audit.Decode(link.Body))
		got = append(got, fmt.Sprint(event.EventName, " ", event.AdditionalEventData[audit.KeyOperatingSystemUser], " ", event.RequestParameters["userName"], " ", event.Resources[0].ARN))
	}
	if strings.Join(got, "; ") != "ImportAccount ops alice arn:aws:iam::123456789012:user/team/alice" {
		t.Errorf("alice's history is %q", got)
	}
	if n := len(eventNames(t, e, AuditFilter{EventName: importEvent})); n != 9 {
		t.Errorf("%d records of 8 objects and the call", n)
	}
	if report := must(operator(e).VerifyAuditTrail(t.Context(), nil)).Report; !report.OK() {
		t.Errorf("the trail has %v", report.Problems)
	}
}

func TestImportAccount_InvalidText(t *testing.T) {
	change := func(from, to string) func(string) string {
		return func(text string) string {
			if !strings.Contains(text, from) {
				t.Fatalf("the sample has no %s", from)
			}
			return strings.ReplaceAll(text, from, to)
		}
	}
	for _, test := range []struct {
		name, want string
		change     func(string) string
	}{
		{"another account's text", "the text is of account 999999999999, and the store is that of account 123456789012: make a new store for account 999999999999", change("123456789012", "999999999999")},
		{"another partition's", "another partition", change("arn:aws:", "arn:aws-cn:")},
		{"nothing", "nothing of an account", func(string) string { return "{}" }},
		{"what is no account", "", func(string) string { return "hello" }},
		{"a policy that is in use and not there", "policy arn:aws:iam::123456789012:policy/Gone", change(`123456789012:policy/team/Deploy"
                }`, `123456789012:policy/Gone"
                }`)},
		{"a group that is not there", "it is in the group nobody", change(`"admins"
            ]`, `"nobody"
            ]`)},
		{"a trusted user who is not there", "it trusts arn:aws:iam::123456789012:user/eve", change(`"AIDAGONE0000000000000"`, `"arn:aws:iam::123456789012:user/eve"`)},
		{"an id of another kind", "no unique id of this kind: they begin with AIDA", change("AIDAALICE", "AROAALICE")},
		{"a policy that is none", "", change(`"Effect": "Deny"`, `"Effect": "Maybe"`)},
		{"a version without a number", "no version id", change(`"v3"`, `"vx"`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newAccount(t)
			_, err := e.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(), &ImportAccountInput{Text: []byte(test.change(string(sampleAccount(t))))})
			if err == nil || !strings.Contains(err.Error(), "nothing was imported") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwhich does not say %q", err, test.want)
			}
			if left := must(operator(e).ExportAccount(t.Context(), nil)).Text; strings.Contains(string(left), "Arn") {
				t.Errorf("left behind is\n%s", left)
			}
		})
	}

	e := newAccount(t)
	must(e.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(), &ImportAccountInput{Text: sampleAccount(t)}))
	_, err := e.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(), &ImportAccountInput{Text: sampleAccount(t)})
	if err == nil || !strings.Contains(err.Error(), "the account has users (alice, bob), groups (admins), roles (aws-reader, deploy), policies (Deploy, Limits)") {
		t.Errorf("importing twice: %v", err)
	}
}

func TestExportAccount_AWSForm(t *testing.T) {
	e := newPopulatedEngine(t)
	var form map[string][]map[string]any
	if err := json.Unmarshal(must(operator(e).ExportAccount(t.Context(), nil)).Text, &form); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"UserDetailList": 1, "GroupDetailList": 1, "RoleDetailList": 1, "Policies": 2} {
		if len(form[name]) != want {
			t.Errorf("%s has %d, not %d", name, len(form[name]), want)
		}
	}
}
