package assertion

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

const accountID = "123456789012"

func text(statements ...string) account.Document {
	return account.Text(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
}

func statementText(effect, action, resource, more string) string {
	return fmt.Sprintf(`{"Sid":"S","Effect":%q,"Action":%q,"Resource":%q%s}`, effect, action, resource, more)
}

func withUser(t testing.TB, documents ...account.Document) *account.Account {
	t.Helper()
	user := account.User{Name: "alice", ID: "AIDAALICE", Path: "/"}
	for i, d := range documents {
		user.Inline = append(user.Inline, account.InlinePolicy{Name: fmt.Sprint("p", i), Document: d})
	}
	a, err := account.New(accountID).With(user, account.Role{
		Name: "deploy", ID: "AROADEPLOY", Path: "/",
		Trust: account.Text(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + accountID + `:user/alice"},"Action":"sts:AssumeRole"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestCheck_Blocks(t *testing.T) {
	allow := func(actions string, resources ...string) Block {
		return Block{Allow: true, Actions: strings.Fields(actions), Resources: resources}
	}
	deny := func(actions string, resources ...string) Block {
		return Block{Actions: strings.Fields(actions), Resources: resources}
	}
	with := func(b Block, key, value string) Block {
		b.Context = append(b.Context, Key{Name: key, Values: []string{value}})
		return b
	}
	const mfa = `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	unknown := account.Tree(tree.Node{Kind: tree.Unknown})
	reports := text(statementText("Allow", "s3:Get*", "arn:aws:s3:::reports/*", ""))
	for name, tt := range map[string]struct {
		policy account.Document
		block  Block
		want   string // a part of the failure; empty for none; ? for undecided
	}{
		"allowed":                               {reports, allow("s3:GetObject", "arn:aws:s3:::reports/a"), ""},
		"not allowed":                           {reports, allow("s3:GetObject s3:PutObject", "arn:aws:s3:::reports/a"), "user/alice must be allowed s3:PutObject on arn:aws:s3:::reports/a, but is not."},
		"allowed with the context":              {text(statementText("Allow", "s3:GetObject", "*", mfa)), with(allow("s3:GetObject"), "aws:MultiFactorAuthPresent", "true"), ""},
		"not allowed without the context":       {text(statementText("Allow", "s3:GetObject", "*", mfa)), allow("s3:GetObject"), "aws:MultiFactorAuthPresent"},
		"denied":                                {reports, deny("s3:GetObject", "arn:aws:s3:::payroll/a"), ""},
		"forbidden but allowed":                 {reports, deny("s3:GetObject", "arn:aws:s3:::reports/a"), `but is. Allowed by policy "inline policy p0 of user alice", statement 0 (S)`},
		"forbidden but allowed on a condition":  {text(statementText("Allow", "s3:GetObject", "*", mfa)), deny("s3:GetObject"), "but could be with other values of the context"},
		"condition contradicted by the context": {text(statementText("Allow", "s3:GetObject", "*", mfa)), with(deny("s3:GetObject"), "aws:MultiFactorAuthPresent", "false"), ""},
		"any resource":                          {reports, deny("s3:GetObject"), "s3:GetObject on arn:aws:s3:::reports/anything"},
		"action of a pattern":                   {reports, deny("s3:*", "arn:aws:s3:::reports/a"), "s3:getanything on arn:aws:s3:::reports/a"},
		"action within a pattern":               {text(statementText("Allow", "s3:DeleteObject", "*", "")), deny("s3:Del*", "arn:aws:s3:::reports/a"), "s3:DeleteObject on"},
		"disjoint patterns":                     {reports, deny("s3:Put*", "arn:aws:s3:::*"), ""},
		"resource of a pattern":                 {reports, deny("s3:GetObject", "arn:aws:s3:::*/secret"), "arn:aws:s3:::reports/secret"},
		"pattern wholly allowed":                {reports, allow("s3:Get*", "arn:aws:s3:::reports/*"), ""},
		"pattern partly allowed":                {text(statementText("Allow", "s3:*", "*", ""), statementText("Deny", "s3:GetObjectAcl", "*", "")), allow("s3:Get*", "arn:aws:s3:::reports/*"), "s3:GetObjectAcl on arn:aws:s3:::reports/anything"},
		"no common ARN":                         {text(statementText("Allow", "s3:Get*", "arn:aws:s3:::reports/*", "")), deny("s3:GetObject", "arn:aws:s3:*:*:payroll*"), ""},
		"own account":                           {text(statementText("Allow", "dynamodb:*", "arn:aws:dynamodb:*:*:table/*", "")), deny("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/customers*"), ":" + accountID + ":table/customersanything"},
		"region of two patterns":                {text(statementText("Allow", "ec2:*", "arn:aws:ec2:eu-*:*:instance/*", "")), deny("ec2:StopInstances", "arn:aws:ec2:*-1:1*:instance/i-1"), "arn:aws:ec2:eu-1:" + accountID + ":instance/i-1"},
		"all actions":                           {reports, deny("*"), "reports/anything"},
		"NotAction":                             {text(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`), deny("s3:GetObject"), "but is"},
		"unknown policy, allow":                 {unknown, allow("s3:GetObject"), "?"},
		"unknown policy, deny":                  {unknown, deny("s3:GetObject"), "?"},
		"own home":                              {text(statementText("Allow", "s3:GetObject", "arn:aws:s3:::home/${aws:username}/*", "")), deny("s3:GetObject", "arn:aws:s3:::home/*"), "arn:aws:s3:::home/alice/anything"},
		"other user's home":                     {text(statementText("Allow", "s3:GetObject", "arn:aws:s3:::home/${aws:username}/*", "")), deny("s3:GetObject", "arn:aws:s3:::home/bob/*"), ""},
		"assumable role":                        {reports, allow("sts:AssumeRole", "arn:aws:iam::"+accountID+":role/deploy"), ""},
		"missing role":                          {text(statementText("Allow", "sts:*", "*", "")), allow("sts:AssumeRole", "arn:aws:iam::"+accountID+":role/none"), "has no role"},
		"forbidden but assumable role":          {reports, deny("sts:AssumeRole", "arn:aws:iam::"+accountID+":role/deploy"), "but is"},
		"action in other case":                  {reports, deny("S3:GETOBJECT", "arn:aws:s3:::reports/a"), "but is"},
		"too many requests":                     {many(60), deny("*:*"), "?"},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Assertion{Principal: "alice", Blocks: []Block{tt.block}}.Check(withUser(t, tt.policy))
			if err != nil {
				t.Fatal(err)
			}
			var failures []string
			for _, f := range result.Failures {
				failures = append(failures, strings.Join(strings.Fields(f.Message), " "))
			}
			got := strings.Join(failures, " | ")
			switch {
			case tt.want == "" && (got != "" || len(result.Undecided) > 0):
				t.Errorf("got the failure %s and undecided %v, want none", got, result.Undecided)
			case tt.want == "?" && (got != "" || len(result.Undecided) == 0):
				t.Errorf("got the failure %q and no undecided request, want an undecided one", got)
			case tt.want != "" && tt.want != "?" && !strings.Contains(got, tt.want):
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func many(n int) account.Document {
	var statements []string
	for i := range n {
		statements = append(statements, statementText("Deny", fmt.Sprintf("s%d:x", i), fmt.Sprintf("arn:aws:s3:::b%d", i), ""))
	}
	var actions, resources []string
	for i := range n {
		actions = append(actions, fmt.Sprintf(`"t%d:x"`, i))
		resources = append(resources, fmt.Sprintf(`"arn:aws:s3:::c%d"`, i))
	}
	return text(append(statements, `{"Effect":"Deny","Action":[`+strings.Join(actions, ",")+`],"Resource":[`+strings.Join(resources, ",")+`]}`)...)
}

func TestCheck_UnknownPrincipal(t *testing.T) {
	_, err := Assertion{Principal: "bob", Blocks: []Block{{Actions: []string{"s3:GetObject"}}}}.Check(withUser(t))
	if _, ok := err.(*UnknownPrincipalError); !ok { //nolint:errorlint // Check returns it unwrapped
		t.Errorf("got %v", err)
	}
}

func TestValidate_Problems(t *testing.T) {
	got := fmt.Sprint(Assertion{Principal: "arn:aws:iam::123456789012:root", Blocks: []Block{{
		Actions: []string{"s3:GetObject", "GetObject", "s3:", "*", ""}, Resources: []string{"*", "bucket", "arn:aws:s3:::b/*"},
		Context: []Key{{Name: "aws:SourceIp", Values: []string{"1", "2"}}, {Name: "aws:TagKeys", Multivalued: true}},
	}}}.Validate())
	for _, want := range []string{"is not the ARN of a user", `"GetObject" is not an action`, `"s3:" is not an action`, "bucket",
		`"aws:SourceIp" has 2 values`} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want it to contain %q", got, want)
		}
	}
	if n := strings.Count(got, "{"); n != 5 {
		t.Errorf("%d problems: %s", n, got)
	}
}

// matches is a slow and obvious matcher of patterns.
func matches(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return matches(pattern[1:], text) || text != "" && matches(pattern, text[1:])
	case text == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == text[0]) && matches(pattern[1:], text[1:])
}

// If a policy has only Allow statements, Check finds each statement that allows a part of a block.
func TestCheck_FindsEveryAllow(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	name := func() string { return pick("a", "b", "a*", "*b", "*", "?", "ab", "a?") }
	var actions, resources []string
	for _, w := range []string{"a", "b", "ab", "ba", "aab", "bb", "aba"} {
		actions = append(actions, "s:"+w)
		resources = append(resources, "arn:aws:s3:::"+w)
	}
	failing := 0
	for range 1500 {
		a := withUser(t, text(
			statementText("Allow", "s:"+name(), "arn:aws:s3:::"+name(), ""), statementText("Allow", "s:"+name(), "arn:aws:s3:::"+name(), ""),
		))
		block := Block{Actions: []string{"s:" + name()}, Resources: []string{"arn:aws:s3:::" + name()}}
		result, err := Assertion{Principal: "alice", Blocks: []Block{block}}.Check(a)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Failures) > 0 {
			failing++
			continue
		}
		who, _ := a.Principal("alice")
		policies, _ := a.Policies(who)
		for _, action := range actions {
			for _, resource := range resources {
				if !matches(block.Actions[0], action) || !matches(block.Resources[0], resource) {
					continue
				}
				if policies.Decide(&authz.Request{Principal: who, Action: authz.MustAction(action), Resource: resource}) == authz.Allowed {
					u, _ := a.User("alice")
					t.Fatalf("%s on %s is allowed by %+v, and %+v holds", action, resource, u.Inline, block)
				}
			}
		}
	}
	if failing < 200 || failing > 1300 {
		t.Errorf("%d of 1500 fail", failing)
	}
}

func TestCheck_ReportsStatementOnce(t *testing.T) {
	s3, sqs := statementText("Allow", "s3:*", "*", ""), statementText("Allow", "sqs:*", "*", "")
	for name, tt := range map[string]struct {
		document account.Document
		blocks   []Block
		want     int
	}{
		"many requests":           {text(s3), []Block{{Actions: []string{"*"}}}, 1},
		"two actions":             {text(s3), []Block{{Actions: []string{"s3:GetObject", "s3:PutObject"}}}, 1},
		"two statements":          {text(s3, sqs), []Block{{Actions: []string{"s3:Get*", "sqs:Send*"}}}, 2},
		"one of two statements":   {text(s3, sqs), []Block{{Actions: []string{"s3:Get*"}}}, 1},
		"two blocks":              {text(s3), []Block{{Actions: []string{"s3:GetObject"}}, {Actions: []string{"s3:PutObject"}}}, 2},
		"two missing permissions": {text(s3), []Block{{Allow: true, Actions: []string{"sqs:SendMessage", "sqs:ReceiveMessage"}}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Assertion{Principal: "alice", Blocks: tt.blocks}.Check(withUser(t, tt.document))
			if err != nil || len(result.Failures) != tt.want {
				t.Errorf("%d failures, want %d: %v %v", len(result.Failures), tt.want, result.Failures, err)
			}
		})
	}
}
