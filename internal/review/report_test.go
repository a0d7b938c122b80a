package review

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares a text with a golden file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from the golden file (write it with -update):\n%s", file, got)
	}
}

// fullReport returns a report with every kind of content.
func fullReport() *Report {
	deploy := Source{"module.ci.aws_iam_role_policy.deploy[\"a\"]", "modules/ci/iam.tf", 12}
	ci := "arn:aws:iam::111122223333:role/ci"
	path := []accesscheck.Step{
		{From: ci, To: "arn:aws:iam::111122223333:role/admin", Text: "iam:PassRole, lambda:CreateFunction"},
		{From: "arn:aws:iam::111122223333:role/admin", To: "administrator", Text: "*"},
	}
	return &Report{
		AccountID: "111122223333", TerraformVersion: "1.11.4", WholeAccount: true, Judged: 40, Changed: 5,
		NotJudgedSeverity: Warning,
		Principals: []Principal{
			{
				ARN: ci, Kind: "role", Name: "ci",
				Gained: []Access{
					{
						Service: "s3", Level: "Write", Action: "s3:DeleteObject", Resource: "arn:aws:s3:::pii/a",
						Patterns:   []string{"arn:aws:s3:::pii/*", "arn:aws:s3:::${aws_s3_bucket.logs.bucket}/*"},
						Context:    map[string]any{"aws:SourceIp": "10.0.0.1", "aws:MultiFactorAuthPresent": true},
						Condition:  `IpAddress on aws:SourceIp: "10.0.0.0/8"`,
						Statements: []Statement{{Policy: "deploy", Sid: "Ecs", Effect: "Allow", Source: deploy}},
					},
					{
						Service: "iam", Level: "Permissions management", Action: "iam:PutRolePolicy",
						Resource: "arn:aws:iam::111122223333:role/admin", Patterns: []string{"*"},
						Statements: []Statement{
							{Policy: "deploy", Index: 1, Effect: "Allow", Source: deploy},
							{Policy: "guard", Sid: "NoIam", Effect: "Deny", Source: Source{Address: "aws_iam_policy.guard"}},
						},
					},
				},
				Lost:     []Access{{Service: "*", Action: "sqs:SendMessage", Resource: "*"}},
				Boundary: &Boundary{Before: "arn:aws:iam::111122223333:policy/limit"},
				Causes:   []Source{deploy, {Address: "aws_iam_role_policy_attachment.ci"}},
				Open:     []string{"The policy audit is not known."},
			},
			{ARN: "arn:aws:iam::111122223333:user/ana", Kind: "user", Name: "ana", Removed: true,
				Lost: []Access{{Service: "ec2", Level: "List", Action: "ec2:DescribeInstances", Resource: "*",
					Statements: []Statement{{Policy: "arn:aws:iam::aws:policy/ReadOnlyAccess", Effect: "Allow"}}}}},
			{ARN: "arn:aws:iam::999999999999:role/partner", Kind: "role", Name: "partner", Outside: true, Added: true,
				Gained: []Access{{Service: "kms", Level: "Read", Action: "kms:Decrypt", Resource: "*"}}},
		},
		Resources: []Resource{
			{
				ARN: "arn:aws:s3:::site", Type: "AWS::S3::Bucket", Public: true,
				Source: Source{"aws_s3_bucket_policy.site", "s3.tf", 40},
				Gained: []ResourceAccess{{Principal: "anybody", Action: "s3:GetObject", Resource: "arn:aws:s3:::site/index.html",
					Statements: []Statement{{Policy: "arn:aws:s3:::site", Sid: "Read", Effect: "Allow",
						Source: Source{"aws_s3_bucket_policy.site", "s3.tf", 40}}}}},
			},
			{
				ARN: "arn:aws:sqs:eu-west-1:111122223333:jobs", Type: "AWS::SQS::Queue", Added: true,
				Source: Source{Address: "aws_sqs_queue_policy.jobs"},
				Gained: []ResourceAccess{{Principal: "arn:aws:iam::999999999999:root", CrossAccount: true,
					Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-west-1:111122223333:jobs",
					Context:   map[string]any{"aws:PrincipalOrgID": "o-1"},
					Condition: `StringEquals on aws:PrincipalOrgID: "o-1"`}},
				Lost: []ResourceAccess{{Principal: "the service sns.amazonaws.com", Action: "sqs:SendMessage",
					Resource: "arn:aws:sqs:eu-west-1:111122223333:jobs"}},
				Open: []string{"The condition on aws:SourceArn is not known."},
			},
		},
		Findings: []Finding{
			{ID: "esc-1f2e3d", Check: "privilege_escalation", Severity: Error, Path: path,
				Summary: `The role "ci" could become administrator in 2 steps: iam:PassRole, lambda:CreateFunction.`,
				Details: []string{`The role ci calls lambda:CreateFunction with the role admin.`, "The function acts as admin."},
				Sources: []Source{deploy}},
			{ID: "pub-1", Check: "public_access", Severity: Error, Summary: "Anybody can read arn:aws:s3:::site/*.",
				Sources: []Source{{"aws_s3_bucket_policy.site", "s3.tf", 40}}},
			{ID: "gate-1", Check: "assertion_removed", Severity: Warning,
				Summary: `The access assertion "pii" is removed.`, Sources: []Source{{Address: "iam_access_assertion.pii"}}},
			{ID: "new-1", Check: "new_access", Severity: Note, Summary: "The role partner gains kms:Decrypt."},
			{ID: "xacc-1", Check: "cross_account_trust", Severity: Error, Summary: "Account 999999999999 may assume backup.",
				Accepted: &Acceptance{ID: "xacc-1", Reason: "The backup vendor, see ticket SEC-12.", Expires: "2027-01-31"}},
		},
		NotJudged: []NotJudged{{Source{"aws_iam_policy.dynamic", "iam.tf", 80},
			"The document depends on a value of a module."}},
		Drift:  []Drift{{Source{Address: "aws_iam_role.ops"}, "The trust policy was changed."}},
		Notes:  []string{"The plan is incomplete: it was made with -target."},
		Before: []accesscheck.Step{path[1]},
		After:  path,
	}
}

// hostileTexts are texts that would be Markdown, HTML, Mermaid, mentions, references or commands if a form did not
// treat them as text.
var hostileTexts = []string{
	"@octocat", "@org/team", "#1", "GH-1", "org/repo#1", "!1", "deadbeefdeadbeef", "https://evil.example/x",
	"www.evil.example", "a@evil.example", "[x](https://evil.example)", "![x](https://evil.example/p.png)",
	"<img src=x onerror=document.title='hostile'>", "<!-- iam review -->", "-->", "--> <script>", "</details>",
	"<details open>",
	"`x`", "``x``", "` `` ```", "```\n# x\n```", "x\n\n# Title", "x\n- item", "\n/approve", "/merge", "|a|b|",
	"**x**", "__x__",
	"~~x~~", "$x$", "$`x`$", "\\", "\\`", "&lt;", "&#64;octocat", "%%{init: {\"theme\":\"dark\"}}%%", "a\"] --> n1[\"b",
	"click n0 \"https://evil.example\"", "\u202egnp.exe", "\u200b@octocat", "\x1b[31mred", "\x00", "\xff\xfe", "", " ", "  x  ",
	"1. x", "1) x", "- x", "+ x", "* x", "===", "---", "    x", "\tx", "[ ] x", "[^1]: x", "[x]: https://evil.example",
	"{{.Secret}}", "${jndi:x}", "::error::x", "##vso[task]", "]]>", "</script><script>document.title='hostile'</script>",
	"javascript:document.title='hostile'", "\" onmouseover=\"document.title='hostile'", "~label", "%milestone", ":tada:",
	"[[_TOC_]]", "x  \ny", strings.Repeat("`", 50), strings.Repeat("a", 3000), strings.Repeat("\u202e", 3000),
}

// fill sets every text of a report to texts that next returns.
func fill(v reflect.Value, next func() string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), next)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch v.Type().Field(i).Name {
			case "Severity", "NotJudgedSeverity", "Check", "Effect", "Kind": // from this program
				continue
			}
			fill(v.Field(i), next)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), next)
		}
	case reflect.Map:
		if v.Len() > 0 { // one key, because equal keys would be one
			filled := reflect.MakeMap(v.Type())
			filled.SetMapIndex(reflect.ValueOf(next()), reflect.ValueOf(next()))
			v.Set(filled)
		}
	case reflect.String:
		v.SetString(next())
	}
}

// reportOf returns a report with every kind of content, whose texts are all the given one.
func reportOf(text string) *Report {
	r := fullReport()
	fill(reflect.ValueOf(r), func() string { return text })
	return r
}

func written(t testing.TB, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func markdownOf(t testing.TB, r *Report, size int) string {
	t.Helper()
	return written(t, func(b *bytes.Buffer) error { return r.WriteMarkdown(b, MarkdownOptions{MaxSize: size}) })
}

// manyReport returns a report that is larger than any comment.
func manyReport(n int) *Report {
	r := fullReport()
	for i := range n {
		p := r.Principals[0]
		p.Name = fmt.Sprintf("role-%d", i)
		r.Principals = append(r.Principals, p)
		r.Findings = append(r.Findings, Finding{ID: fmt.Sprintf("w-%d", i), Check: "new_access", Severity: Warning,
			Summary: fmt.Sprintf("The role role-%d gains access.", i)})
		r.NotJudged = append(r.NotJudged, NotJudged{Reason: fmt.Sprintf("The document %d is not known.", i)})
	}
	return r
}

func TestWriteJSON_HasNoNull(t *testing.T) {
	for name, r := range map[string]*Report{"empty": {}, "full": fullReport()} {
		text := written(t, func(b *bytes.Buffer) error { return r.WriteJSON(b) })
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		var check func(at string, v any)
		check = func(at string, v any) {
			switch v := v.(type) {
			case nil:
				if !strings.HasSuffix(at, ".accepted") {
					t.Errorf("%s: %s is null", name, at)
				}
			case map[string]any:
				for key, member := range v {
					check(at+"."+key, member)
				}
			case []any:
				for i, element := range v {
					check(fmt.Sprintf("%s[%d]", at, i), element)
				}
			}
		}
		check("", value)
		golden(t, name+".json", text)
	}
}

func TestWriteJSON_KeepsTexts(t *testing.T) {
	for _, hostile := range hostileTexts {
		text := written(t, func(b *bytes.Buffer) error { return reportOf(hostile).WriteJSON(b) })
		var got jsonReport
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(hostile, "\ufffd"); got.Principals[0].Name != want && hostile != "\xff\xfe" {
			t.Errorf("got %q, want %q", got.Principals[0].Name, want)
		}
	}
}

func TestWriteText_HasOneLineForEachPart(t *testing.T) {
	golden(t, "full.txt", written(t, func(b *bytes.Buffer) error { return fullReport().WriteText(b) }))
	golden(t, "nothing.txt", written(t, func(b *bytes.Buffer) error {
		return (&Report{WholeAccount: true, Judged: 12, Changed: 1}).WriteText(b)
	}))
	// Lines with a larger indent continue the line before.
	starts := func(text string) (n int) {
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "      ") && !strings.HasPrefix(line, "        ") {
				n++
			}
		}
		return n
	}
	want := starts(written(t, func(b *bytes.Buffer) error { return reportOf("x").WriteText(b) }))
	for _, hostile := range hostileTexts {
		text := written(t, func(b *bytes.Buffer) error { return reportOf(hostile).WriteText(b) })
		if got := starts(text); got != want && strings.TrimSpace(hostile) == hostile && hostile != "" {
			t.Errorf("%.50q: %d lines, want %d:\n%.2000s", hostile, got, want, text)
		}
		if strings.ContainsAny(text, "\x1b\x00\r\u202e\u200b") {
			t.Errorf("%.50q: the text has a character that is not visible", hostile)
		}
	}
}
