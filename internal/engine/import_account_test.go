package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
)

// sampleAccount returns an account in the form in which the aws CLI prints it.
func sampleAccount(t *testing.T) []byte {
	t.Helper()
	return must(os.ReadFile(filepath.Join("testdata", "account.json")))
}

// newSampleEngine creates an empty account with the account id of the sample.
func newSampleEngine(t *testing.T) *Engine {
	t.Helper()
	return openTestEngine(t, Options{Path: filepath.Join(t.TempDir(), "iam.db"), AccountID: "123456789012"})
}

// withoutAdditions removes the maximum session durations from an export. Exports of AWS do not contain them.
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
	e := newSampleEngine(t)
	report := must(e.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(),
		&ImportAccountInput{Text: sampleAccount(t)}))
	if report.Users != 2 || report.Groups != 1 || report.Roles != 2 || report.Policies != 3 ||
		strings.Join(report.Reissue, " ") != "alice bob" {
		t.Errorf("got import report %+v", report)
	}
	first := must(operator(e).ExportAccount(t.Context(), nil)).Text
	if got := withoutAdditions(t, first); got != string(sampleAccount(t)) {
		t.Errorf("the export differs from the sample:\n%s", got)
	}

	copied := newSampleEngine(t)
	second := must(copied.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(),
		&ImportAccountInput{Text: first}))
	if len(second.NotImported) != 0 {
		t.Errorf("importing an export omitted parts: %q", second.NotImported)
	}
	if got := must(operator(copied).ExportAccount(t.Context(), nil)).Text; string(got) != string(first) {
		t.Errorf("the second export differs from the first:\n%s", got)
	}

	c, ctx := operator(e), t.Context()
	version := must(c.GetPolicyVersion(ctx,
		&iam.GetPolicyVersionInput{PolicyArn: aws.String("arn:aws:iam::123456789012:policy/team/Deploy"),
			VersionId: aws.String("v3")})).PolicyVersion
	if version.IsDefaultVersion || *version.VersionId != "v3" {
		t.Errorf("got version %+v, want v3 not as default", version)
	}
	next := must(c.CreatePolicyVersion(ctx,
		&iam.CreatePolicyVersionInput{PolicyArn: aws.String("arn:aws:iam::123456789012:policy/team/Deploy"),
			PolicyDocument: aws.String(allowAll)}))
	if *next.PolicyVersion.VersionId != "v5" {
		t.Errorf("the next version is %s, want v5", *next.PolicyVersion.VersionId)
	}

	// The imported trust policy contains the unique id of alice, so it follows a rename.
	must(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("alice"), NewUserName: aws.String("alicia")}))
	role := must(c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("deploy")})).Role
	if !strings.Contains(*role.AssumeRolePolicyDocument, "alicia") ||
		!strings.Contains(*role.AssumeRolePolicyDocument, "AIDAGONE0000000000000") {
		t.Errorf("the role trusts %s", *role.AssumeRolePolicyDocument)
	}
}

func TestImportAccount_RecordsEachEntity(t *testing.T) {
	e := newSampleEngine(t)
	must(e.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(),
		&ImportAccountInput{Text: sampleAccount(t)}))
	var got []string
	for link, err := range e.AuditEvents(t.Context(), AuditFilter{Subject: "AIDAALICE000000000000"}) {
		if err != nil {
			t.Fatal(err)
		}
		event := must(audit.Decode(link.Body))
		got = append(got,
			fmt.Sprint(event.EventName, " ", event.AdditionalEventData[audit.KeyOperatingSystemUser], " ",
				event.RequestParameters["userName"], " ", event.Resources[0].ARN))
	}
	if strings.Join(got, "; ") != "ImportAccount ops alice arn:aws:iam::123456789012:user/team/alice" {
		t.Errorf("got events %q for alice", got)
	}
	if n := len(eventNames(t, e, AuditFilter{EventName: importEvent})); n != 9 {
		t.Errorf("got %d audit records, want 8 for the entities and 1 for the call", n)
	}
	if report := must(operator(e).VerifyAuditTrail(t.Context(), nil)).Report; !report.OK() {
		t.Errorf("verifying the audit trail found %v", report.Problems)
	}
}

// TestImportAccount_DenyThatNeverApplies imports a policy with an error that the operations of this engine accept.
func TestImportAccount_DenyThatNeverApplies(t *testing.T) {
	text := strings.Replace(string(sampleAccount(t)), `"Action": "ec2:Describe*",`,
		`"Action": "ec2:Describe*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}},`, 1)
	text = strings.Replace(text, `"Effect": "Allow",
                                "Action": "ec2:Describe*"`, `"Effect": "Deny", "Action": "ec2:Describe*"`, 1)
	report := must(operator(newSampleEngine(t)).ImportAccount(t.Context(), &ImportAccountInput{Text: []byte(text)}))
	const want = `The inline policy "inline" of role deploy has an error, and this engine evaluates it as written: `
	if len(report.Warnings) != 1 || !strings.HasPrefix(report.Warnings[0], want) {
		t.Errorf("got the warnings %q, want one that begins with %q", report.Warnings, want)
	}
}

// TestImportAccount_RefusedPolicies imports policies that the operations of this engine refuse. The rest of the account
// works, and a policy that cannot be evaluated denies.
func TestImportAccount_RefusedPolicies(t *testing.T) {
	text := string(sampleAccount(t))
	for _, edit := range [][2]string{
		// An unknown effect in an inline policy of alice.
		{`"Sid": "NoPublic",
                                "Effect": "Deny"`, `"Sid": "NoPublic",
                                "Effect": "Maybe"`},
		// An inline policy of the role deploy that is evaluated as written.
		{`"Action": "ec2:Describe*"`, `"Action": "*:Describe*"`},
		// An unknown operator in the trust policy of the role aws-reader, beside a principal that is no principal.
		{`"Service": "ec2.amazonaws.com"
                        },
                        "Action": "sts:AssumeRole"`, `"Service": "ec2.amazonaws.com",
                            "AWS": "someone"
                        },
                        "Action": "sts:AssumeRole",
                        "Condition": {"StringSounds": {"aws:username": "alice"}}`},
	} {
		if strings.Count(text, edit[0]) != 1 {
			t.Fatalf("the sample contains %d times %s", strings.Count(text, edit[0]), edit[0])
		}
		text = strings.Replace(text, edit[0], edit[1], 1)
	}
	e, ctx := newSampleEngine(t), t.Context()
	report := must(operator(e).ImportAccount(ctx, &ImportAccountInput{Text: []byte(text)}))
	if report.Users != 2 || report.Groups != 1 || report.Roles != 2 || report.Policies != 3 || len(report.Warnings) != 3 {
		t.Fatalf("got import report %+v", report)
	}
	for i, want := range []string{
		`cannot evaluate the inline policy "home" of user alice, so the policy denies every request`,
		`cannot evaluate the trust policy of role aws-reader, so the policy denies every request`,
		`would refuse the inline policy "inline" of role deploy, but evaluates it as written`,
	} {
		if !strings.Contains(report.Warnings[i], want) {
			t.Errorf("got warning %q, want one with %q", report.Warnings[i], want)
		}
	}

	c := operator(e)
	decision := func(source, action, resource string) string {
		t.Helper()
		out := must(c.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: aws.String(source),
			ActionNames: []string{action}, ResourceArns: []string{resource}}))
		return string(out.EvaluationResults[0].EvalDecision)
	}
	if got := decision("arn:aws:iam::123456789012:role/deploy", "rds:DescribeDBInstances", "*"); got != "allowed" {
		t.Errorf("the role deploy: got %s", got)
	}
	const denied = "User: arn:aws:iam::123456789012:user/team/alice is not authorized to perform: iam:GetUser on " +
		"resource: arn:aws:iam::123456789012:user/bob with an explicit deny in an identity-based policy…"
	alice := clientOf(t, e, "alice")
	_, err := alice.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("bob")}) // her group and her boundary allow it
	wantError(t, err, "AccessDenied", denied)
	if _, err := clientOf(t, e, "bob").GetCallerIdentity(ctx, nil); err != nil {
		t.Errorf("bob is locked out: %v", err)
	}

	// Reading, exporting and importing again does not change the policies.
	got := must(c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("aws-reader")}))
	if !strings.Contains(*got.Role.AssumeRolePolicyDocument, "StringSounds") {
		t.Errorf("got trust policy %s", *got.Role.AssumeRolePolicyDocument)
	}
	exported := must(c.ExportAccount(ctx, nil)).Text
	copied := newSampleEngine(t)
	second := must(operator(copied).ImportAccount(ctx, &ImportAccountInput{Text: exported}))
	if len(second.Warnings) != 3 {
		t.Errorf("the second import has the warnings %q", second.Warnings)
	}
	if again := must(operator(copied).ExportAccount(ctx, nil)).Text; string(again) != string(exported) {
		t.Errorf("the second export differs from the first:\n%s", again)
	}

	// The unreadable policy does not prevent other changes, and a replacement ends the denial.
	must(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("alice"), PolicyName: aws.String("more"),
		PolicyDocument: aws.String(allowAll)}))
	_, err = alice.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("bob")})
	wantError(t, err, "AccessDenied", denied)
	must(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("alice"), PolicyName: aws.String("home"),
		PolicyDocument: aws.String(allowAll)}))
	must(alice.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("bob")}))
}

func TestImportAccount_InvalidText(t *testing.T) {
	change := func(from, to string) func(string) string {
		return func(text string) string {
			if !strings.Contains(text, from) {
				t.Fatalf("the sample does not contain %s", from)
			}
			return strings.ReplaceAll(text, from, to)
		}
	}
	for _, test := range []struct {
		name, want string
		change     func(string) string
	}{
		{"another account", "the text is from account 999999999999, but the store has account 123456789012: create a new " +
			"store with account id 999999999999", change("123456789012", "999999999999")},
		{"another partition", "another partition", change("arn:aws:", "arn:aws-cn:")},
		{"no entities", "the text contains no users, groups, roles or policies", func(string) string { return "{}" }},
		{"not JSON", "", func(string) string { return "hello" }},
		{"policy that is not JSON", "The JSON cannot be read", change(`{
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Action": "ec2:Describe*",
                                "Resource": "*"
                            }
                        ]
                    }`, `"{"`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newSampleEngine(t)
			_, err := e.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(),
				&ImportAccountInput{Text: []byte(test.change(string(sampleAccount(t))))})
			if err == nil || !strings.Contains(err.Error(), "nothing was imported") ||
				!strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v\nwant one with %q", err, test.want)
			}
			if remaining := must(operator(e).ExportAccount(t.Context(), nil)).Text; strings.Contains(string(remaining), "Arn") {
				t.Errorf("after the failed import, the account contains\n%s", remaining)
			}
		})
	}

	e := newSampleEngine(t)
	must(e.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(),
		&ImportAccountInput{Text: sampleAccount(t)}))
	_, err := e.As(LocalOperator("ops", Circumstances{})).ImportAccount(t.Context(),
		&ImportAccountInput{Text: sampleAccount(t)})
	if err == nil || !strings.Contains(err.Error(), "the account already has users (alice, bob), groups (admins), "+
		"roles (aws-reader, deploy), policies (Deploy, Limits)") {
		t.Errorf("a second import returned %v", err)
	}
}

// TestImportAccount_Omits imports texts in which some entities cannot be imported. An entity never loses a policy, a
// group, a boundary or a trusted principal: it is omitted too.
func TestImportAccount_Omits(t *testing.T) {
	for name, test := range map[string]struct{ from, to, imported, omitted string }{
		"missing policy": {`123456789012:policy/team/Deploy"
                }`, `123456789012:policy/Gone"
                }`, "1 users, 1 group, 1 role, 3 policies",
			`The user "alice": it uses the policy "arn:aws:iam::123456789012:policy/Gone", which is not imported. ` +
				`The role "deploy": it uses the policy "arn:aws:iam::123456789012:policy/Gone", which is not imported.`},
		"missing group": {`"admins"
            ]`, `"nobody"
            ]`, "1 users, 1 group, 1 role, 3 policies",
			`The user "alice": it is in the group "nobody", which is not imported. ` +
				`The role "deploy": it trusts "arn:aws:iam::123456789012:user/team/alice", which is not imported.`},
		"missing trusted user": {`"AIDAGONE0000000000000"`, `"arn:aws:iam::123456789012:user/eve"`,
			"2 users, 1 group, 1 role, 3 policies",
			`The role "deploy": it trusts "arn:aws:iam::123456789012:user/eve", which is not imported.`},
		"unique id of another kind": {"AIDAALICE", "AROAALICE", "1 users, 1 group, 1 role, 3 policies",
			`The user "alice": "AROAALICE000000000000" is not a valid unique id; expected an id that begins with AIDA. ` +
				`The role "deploy": it trusts "arn:aws:iam::123456789012:user/team/alice", which is not imported.`},
		"invalid version id": {`"v3"`, `"vx"`, "1 users, 1 group, 1 role, 2 policies",
			`The policy "arn:aws:iam::123456789012:policy/team/Deploy": "vx" is not a version id; expected v1, v2 and so on. ` +
				`The user "alice": it uses the policy "arn:aws:iam::123456789012:policy/team/Deploy", which is not imported. ` +
				`The role "deploy": it uses the policy "arn:aws:iam::123456789012:policy/team/Deploy", which is not imported.`},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.ReplaceAll(string(sampleAccount(t)), test.from, test.to)
			if text == string(sampleAccount(t)) {
				t.Fatalf("the sample does not contain %s", test.from)
			}
			e := newSampleEngine(t)
			report := must(operator(e).ImportAccount(t.Context(), &ImportAccountInput{Text: []byte(text)}))
			if got := fmt.Sprintf("%d users, %d group, %d role, %d policies", report.Users, report.Groups, report.Roles,
				report.Policies); got != test.imported {
				t.Errorf("imported %s, want %s", got, test.imported)
			}
			if got := strings.Join(report.Omitted, " "); got != test.omitted {
				t.Errorf("omitted:\n%s\nwant\n%s", got, test.omitted)
			}
			if report := must(operator(e).VerifyAuditTrail(t.Context(), nil)).Report; !report.OK() {
				t.Errorf("verifying the audit trail found %v", report.Problems)
			}
		})
	}
}
