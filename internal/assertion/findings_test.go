package assertion

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// TestCheck_Effective checks that the answers name actions and resources of the block or of a statement only.
func TestCheck_Effective(t *testing.T) {
	reports := statement("Allow", "s3:GetObject", "arn:aws:s3:::reports/*", "")
	for name, tt := range map[string]struct {
		statements []string
		block      Block
		want       []string
	}{
		"single request": {[]string{reports}, Block{Actions: []string{"s3:GetObject"}, Resources: []string{payroll}},
			[]string{"s3:GetObject on arn:aws:s3:::payroll/* Never"}},
		"any resource": {[]string{reports}, Block{Actions: []string{"s3:PutObject"}}, []string{"s3:PutObject on * Never"}},
		"violated": {[]string{reports}, Block{Actions: []string{"s3:*"}},
			[]string{"s3:* on * Possible", "s3:GetObject on arn:aws:s3:::reports/* Possible"}},
		"statement wider than the block": {[]string{statement("Allow", "s3:*", "*", "")},
			Block{Actions: []string{"s3:Get*"}, Resources: []string{payroll}},
			[]string{"s3:Get* on arn:aws:s3:::payroll/* Possible"}},
		"overlap": {[]string{statement("Allow", "s3:*Object", "arn:aws:s3:::*/a", "")},
			Block{Actions: []string{"s3:Get*"}, Resources: []string{payroll}},
			[]string{"s3:Get* on arn:aws:s3:::payroll/* Possible",
				"s3:Get* and s3:*Object on arn:aws:s3:::payroll/* and arn:aws:s3:::*/a Possible"}},
		"two questions": {[]string{reports},
			Block{Actions: []string{"s3:GetObject", "s3:Put*"}, Resources: []string{"arn:aws:s3:::reports/a"}},
			[]string{"s3:GetObject on arn:aws:s3:::reports/a Possible", "s3:Put* on arn:aws:s3:::reports/a Never"}},
		"two questions about one statement": {[]string{statement("Allow", "s3:*", "*", "")},
			Block{Actions: []string{"s3:Get*", "s3:Put*"}, Resources: []string{payroll}},
			[]string{"s3:Get* on arn:aws:s3:::payroll/* Possible", "s3:Put* on arn:aws:s3:::payroll/* Possible"}},
		"role": {[]string{statement("Allow", "sts:AssumeRole", roleARN("a"), "")},
			Block{Actions: []string{"sts:AssumeRole"}, Resources: []string{roleARN("*")}},
			[]string{"sts:AssumeRole on arn:aws:iam::123456789012:role/* Possible",
				"sts:AssumeRole on arn:aws:iam::123456789012:role/a Possible"}},
		"own home directory": {[]string{statement("Allow", "s3:*", "arn:aws:s3:::home/${aws:username}/*", "")},
			Block{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::home/*"}},
			[]string{"s3:GetObject on arn:aws:s3:::home/* Possible", "s3:GetObject on arn:aws:s3:::home/ana/* Possible"}},
		"NotAction": {[]string{`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`},
			Block{Actions: []string{"s3:*"}, Resources: []string{payroll}}, []string{"s3:* on arn:aws:s3:::payroll/* Possible"}},
		"allowed": {[]string{reports}, Block{Allow: true, Actions: []string{"s3:GetObject"},
			Resources: []string{"arn:aws:s3:::reports/a"}}, []string{"s3:GetObject on arn:aws:s3:::reports/a Allowed"}},
		"allowed pattern": {[]string{reports}, Block{Allow: true, Actions: []string{"s3:GetObject"},
			Resources: []string{"arn:aws:s3:::reports/a*"}}, []string{"s3:GetObject on arn:aws:s3:::reports/a* Allowed"}},
		"not allowed pattern": {[]string{reports}, Block{Allow: true, Actions: []string{"s3:Get*"},
			Resources: []string{"arn:aws:s3:::reports/*"}},
			[]string{"s3:Get* on arn:aws:s3:::reports/* ImplicitlyDenied"}},
		"denied part": {[]string{reports, statement("Deny", "s3:*", "arn:aws:s3:::reports/x", "")},
			Block{Allow: true, Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::reports/*"}},
			[]string{"s3:GetObject on arn:aws:s3:::reports/* ExplicitlyDenied",
				"s3:GetObject on arn:aws:s3:::reports/x ExplicitlyDenied"}},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Assertion{Principal: "ana", Blocks: []Block{tt.block}}.Check(accountWith(t,
				user("ana", tt.statements...), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, "")))))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range result.Effective {
				got = append(got, fmt.Sprintf("%s on %s %s", e.Action, e.Resource, e.Decision))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestFinding_NamesStatement checks that the findings of one cause have the same statement.
func TestFinding_NamesStatement(t *testing.T) {
	shared := policyOf("shared", statement("Allow", "s3:*", "*", ""))
	with := func(u account.User) account.User {
		u.Attached = []string{shared.ARN}
		return u
	}
	a := accountWith(t, shared, with(user("ana")), with(user("bob", statement("Deny", "sqs:*", "*", ""))))
	statements := map[string]bool{}
	for _, name := range []string{"ana", "bob"} {
		result, err := Assertion{Principal: name, Blocks: []Block{noPayroll}}.Check(a)
		if err != nil || len(result.Failures) != 1 {
			t.Fatalf("got %v and the error %v, want one failure", result.Failures, err)
		}
		statements[result.Failures[0].Statement.String()] = true
	}
	if want := `policy "` + shared.ARN + `", statement 0 (S) at 1:38`; len(statements) != 1 || !statements[want] {
		t.Errorf("got the statements %v, want %s", statements, want)
	}
	result, err := Assertion{Principal: "bob", Blocks: []Block{
		{Allow: true, Actions: []string{"sqs:SendMessage"}}, {Allow: true, Actions: []string{"ec2:RunInstances"}},
	}}.Check(a)
	if err != nil || len(result.Failures) != 2 {
		t.Fatalf("got %v and the error %v, want two failures", result.Failures, err)
	}
	if got := result.Failures[0].Statement.Policy; got != "inline policy p of user bob" {
		t.Errorf("explicitly denied by %q", got)
	}
	if got := result.Failures[1].Statement.Policy; got != "" {
		t.Errorf("implicitly denied by %q, want no statement", got)
	}
}

// TestCheck_Witness checks the request that a violation of a pattern ends with.
func TestCheck_Witness(t *testing.T) {
	const mine = "arn:aws:iam::" + accountID + ":user/ana to call "
	tls := `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`
	for name, tt := range map[string]struct {
		changes []account.Change
		block   Block
		want    string // the end of the message
	}{
		"pattern": {[]account.Change{user("ana", statement("Allow", "s3:Get*", "arn:aws:s3:::reports/*", ""))},
			Block{Actions: []string{"s3:*"}},
			"The policies allow " + mine + `s3:GetAccelerateConfiguration on "arn:aws:s3:::reports/a".`},
		"condition": {[]account.Change{user("ana", statement("Allow", "sqs:SendMessage", "*", tls))},
			Block{Actions: []string{"sqs:*"}}, "The policies allow " + mine +
				`sqs:SendMessage on "arn:aws:sqs:us-east-1:123456789012:a" if aws:SecureTransport is "true".`},
		"variable": {[]account.Change{user("ana", statement("Allow", "sns:Publish",
			"arn:aws:sns:*:*:${aws:SourceVpc}", `,"Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`))},
			Block{Actions: []string{"sns:*"}, Resources: []string{"arn:aws:sns:us-east-1:" + accountID + ":*"}},
			"The policies allow " + mine +
				`sns:Publish on "arn:aws:sns:us-east-1:123456789012:vpc-1" if aws:SourceVpc is "vpc-1".`},
		"role": {[]account.Change{user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, "")),
			statement("Allow", "s3:*", payroll, ""))}, Block{Actions: []string{"s3:Put*"}, Resources: []string{payroll}},
			"The policies allow " + roleARN("a") + ` to call s3:PutAccelerateConfiguration on "arn:aws:s3:::payroll/a".`},
		"given key": {[]account.Change{user("ana", statement("Allow", "s3:GetObject", payroll, ""))},
			Block{Actions: []string{"s3:Get*"}, Resources: []string{payroll}, Context: []Key{{Name: "aws:SecureTransport",
				Values: []string{"false"}}}}, `on "arn:aws:s3:::payroll/a" if aws:SecureTransport is "false".`},
		"allow": {[]account.Change{user("ana", statement("Allow", "s3:GetObject", payroll, ""),
			statement("Deny", "s3:*", "arn:aws:s3:::payroll/secret*", ""))},
			Block{Allow: true, Actions: []string{"s3:GetObject"}, Resources: []string{payroll}, Message: "Pay day."},
			"The policies do not allow " + mine + `s3:GetObject on "arn:aws:s3:::payroll/secreta".` + "\nPay day."},
		"one request": {[]account.Change{user("ana", statement("Allow", "s3:*", payroll, ""))},
			Block{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::payroll/a"}}, "(layer identity)."},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Assertion{Principal: "ana", Blocks: []Block{tt.block}}.Check(accountWith(t, tt.changes...))
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Failures) != 1 || !strings.HasSuffix(result.Failures[0].Message, tt.want) {
				t.Errorf("got the failures %q, want one that ends with %q", oneLine(result.Failures), tt.want)
			}
		})
	}
}
