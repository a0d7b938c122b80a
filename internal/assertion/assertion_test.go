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

func policyText(statements ...string) account.Document {
	return account.Text(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
}

func statement(effect, action, resource, more string) string {
	return fmt.Sprintf(`{"Sid":"S","Effect":%q,"Action":%q,"Resource":%q%s}`, effect, action, resource, more)
}

func accountWithAlice(t testing.TB, documents ...account.Document) *account.Account {
	t.Helper()
	user := account.User{Name: "alice", ID: "AIDAALICE", Path: "/"}
	for i, d := range documents {
		user.Inline = append(user.Inline, account.InlinePolicy{Name: fmt.Sprint("p", i), Document: d})
	}
	a, err := account.New(accountID).With(user, account.Role{
		Name: "deploy", ID: "AROADEPLOY", Path: "/",
		Trust: account.Text(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` +
			accountID + `:user/alice"},"Action":"sts:AssumeRole"}}`),
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
	reports := policyText(statement("Allow", "s3:Get*", "arn:aws:s3:::reports/*", ""))
	for name, tt := range map[string]struct {
		policy account.Document
		block  Block
		want   string // a part of the failures; empty if there is none; "?" if the block is undecided
	}{
		"allowed": {reports, allow("s3:GetObject", "arn:aws:s3:::reports/a"), ""},
		"not allowed": {reports, allow("s3:GetObject s3:PutObject", "arn:aws:s3:::reports/a"),
			"user/alice must be allowed s3:PutObject on arn:aws:s3:::reports/a, but is not."},
		"allowed with the context": {policyText(statement("Allow", "s3:GetObject", "*", mfa)),
			with(allow("s3:GetObject"), "aws:MultiFactorAuthPresent", "true"), ""},
		"not allowed without the context": {policyText(statement("Allow", "s3:GetObject", "*", mfa)),
			allow("s3:GetObject"), "aws:MultiFactorAuthPresent"},
		"denied": {reports, deny("s3:GetObject", "arn:aws:s3:::payroll/a"), ""},
		"forbidden but allowed": {reports, deny("s3:GetObject", "arn:aws:s3:::reports/a"),
			`but is. Allowed by policy "inline policy p0 of user alice", statement 0 (S)`},
		"forbidden but allowed on a condition": {policyText(statement("Allow", "s3:GetObject", "*", mfa)),
			deny("s3:GetObject"), `but could be: allowed if aws:MultiFactorAuthPresent is "true".`},
		"condition contradicted by the context": {policyText(statement("Allow", "s3:GetObject", "*", mfa)),
			with(deny("s3:GetObject"), "aws:MultiFactorAuthPresent", "false"), ""},
		"any resource": {reports, deny("s3:GetObject"), "s3:GetObject on arn:aws:s3:::reports/*, but is"},
		"action of a pattern": {reports, deny("s3:*", "arn:aws:s3:::reports/a"),
			"s3:Get* on arn:aws:s3:::reports/a, but is"},
		"action within a pattern": {policyText(statement("Allow", "s3:DeleteObject", "*", "")),
			deny("s3:Del*", "arn:aws:s3:::reports/a"), "s3:DeleteObject on"},
		"disjoint patterns": {reports, deny("s3:Put*", "arn:aws:s3:::*"), ""},
		"resource of a pattern": {reports, deny("s3:GetObject", "arn:aws:s3:::*/secret"),
			"arn:aws:s3:::*/secret and arn:aws:s3:::reports/*, but is"},
		"pattern wholly allowed": {reports, allow("s3:Get*", "arn:aws:s3:::reports/*"), ""},
		"pattern partly allowed": {policyText(statement("Allow", "s3:*", "*", ""),
			statement("Deny", "s3:GetObjectAcl", "*", "")), allow("s3:Get*", "arn:aws:s3:::reports/*"),
			"s3:GetObjectAcl on arn:aws:s3:::reports/*, but is not"},
		"no common ARN": {policyText(statement("Allow", "s3:Get*", "arn:aws:s3:::reports/*", "")),
			deny("s3:GetObject", "arn:aws:s3:*:*:payroll*"), ""},
		"own account": {policyText(statement("Allow", "dynamodb:*", "arn:aws:dynamodb:*:*:table/*", "")),
			deny("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/customers*"),
			"dynamodb:GetItem on arn:aws:dynamodb:*:*:table/customers*, but is"},
		"region of two patterns": {policyText(statement("Allow", "ec2:*", "arn:aws:ec2:eu-*:*:instance/*", "")),
			deny("ec2:StopInstances", "arn:aws:ec2:*-1:1*:instance/i-1"),
			"ec2:StopInstances on arn:aws:ec2:*-1:1*:instance/i-1 and arn:aws:ec2:eu-*:*:instance/*"},
		"all actions": {reports, deny("*"), "s3:Get* on arn:aws:s3:::reports/*"},
		"statement with NotAction": {policyText(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`),
			deny("s3:GetObject"), "but is"},
		"unknown policy, allow": {unknown, allow("s3:GetObject"), "?"},
		"unknown policy, deny":  {unknown, deny("s3:GetObject"), "?"},
		"own home directory": {policyText(statement("Allow", "s3:GetObject", "arn:aws:s3:::home/${aws:username}/*",
			"")), deny("s3:GetObject", "arn:aws:s3:::home/*"), "s3:GetObject on arn:aws:s3:::home/alice/*"},
		"another user's home directory": {policyText(statement("Allow", "s3:GetObject", "arn:aws:s3:::home/${aws:username}/*",
			"")), deny("s3:GetObject", "arn:aws:s3:::home/bob/*"), ""},
		"assumable role": {reports, allow("sts:AssumeRole", "arn:aws:iam::"+accountID+":role/deploy"), ""},
		"missing role": {policyText(statement("Allow", "sts:*", "*", "")),
			allow("sts:AssumeRole", "arn:aws:iam::"+accountID+":role/none"), "has no role"},
		"forbidden but assumable role": {reports, deny("sts:AssumeRole", "arn:aws:iam::"+accountID+":role/deploy"), "but is"},
		"action in other case":         {reports, deny("S3:GETOBJECT", "arn:aws:s3:::reports/a"), "but is"},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Assertion{Principal: "alice", Blocks: []Block{tt.block}}.Check(accountWithAlice(t, tt.policy))
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

func TestCheck_UnknownPrincipal(t *testing.T) {
	_, err := Assertion{Principal: "bob", Blocks: []Block{{Actions: []string{"s3:GetObject"}}}}.Check(accountWithAlice(t))
	if _, ok := err.(*UnknownPrincipalError); !ok { //nolint:errorlint // Check returns it unwrapped
		t.Errorf("got the error %v, want an *UnknownPrincipalError", err)
	}
}

func TestValidate_Problems(t *testing.T) {
	got := fmt.Sprint(Assertion{Principal: "arn:aws:iam::123456789012:group/admins", Blocks: []Block{{
		Actions:   []string{"s3:GetObject", "GetObject", "s3:", "*", ""},
		Resources: []string{"*", "bucket", "arn:aws:s3:::b/*"},
		Context:   []Key{{Name: "aws:SourceIp", Values: []string{"1", "2"}}, {Name: "aws:TagKeys", Multivalued: true}},
	}}}.Validate())
	for _, want := range []string{"is not a caller", `"GetObject" is not an action`, `"s3:" is not an action`,
		"bucket",
		`"aws:SourceIp" has 2 values`} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want it to contain %q", got, want)
		}
	}
	if n := strings.Count(got, "{"); n != 5 {
		t.Errorf("got %d problems, want 5: %s", n, got)
	}
}

// matches reports whether a pattern matches a text. It is slow and simple.
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

// TestCheck_FindsEveryAllow checks random policies without Deny statements. Check must find each statement that allows
// a part of a block.
func TestCheck_FindsEveryAllow(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	name := func() string { return pick("a", "b", "a*", "*b", "*", "?", "ab", "a?") }
	var actions, resources []string
	for _, w := range []string{"a", "b", "ab", "ba", "aab", "bb", "aba"} {
		actions = append(actions, "s:"+w)
		resources = append(resources, "arn:aws:s3:::"+w)
	}
	violated := 0
	for range 1500 {
		a := accountWithAlice(t, policyText(
			statement("Allow", "s:"+name(), "arn:aws:s3:::"+name(), ""),
			statement("Allow", "s:"+name(), "arn:aws:s3:::"+name(), ""),
		))
		block := Block{Actions: []string{"s:" + name()}, Resources: []string{"arn:aws:s3:::" + name()}}
		result, err := Assertion{Principal: "alice", Blocks: []Block{block}}.Check(a)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Failures) > 0 {
			violated++
			continue
		}
		principal, _ := a.Principal("alice")
		access, err := a.Access(principal, account.Credentials{})
		if err != nil {
			t.Fatal(err)
		}
		policies := access.Policies()
		for _, action := range actions {
			for _, resource := range resources {
				if !matches(block.Actions[0], action) || !matches(block.Resources[0], resource) {
					continue
				}
				if policies.Decide(&authz.Request{Principal: principal, Action: authz.MustAction(action),
					Resource: resource}) == authz.Allowed {
					u, _ := a.User("alice")
					t.Fatalf("%+v allows %s on %s, but Check found no violation of %+v", u.Inline, action, resource, block)
				}
			}
		}
	}
	if violated < 200 || violated > 1300 {
		t.Errorf("%d of 1500 blocks are violated, want between 200 and 1300", violated)
	}
}

func TestCheck_ReportsStatementOnce(t *testing.T) {
	s3, sqs := statement("Allow", "s3:*", "*", ""), statement("Allow", "sqs:*", "*", "")
	for name, tt := range map[string]struct {
		document account.Document
		blocks   []Block
		want     int
	}{
		"many requests": {policyText(s3), []Block{{Actions: []string{"s*:*"},
			Resources: []string{"arn:aws:s3:::*"}}}, 1},
		"two actions":           {policyText(s3), []Block{{Actions: []string{"s3:GetObject", "s3:PutObject"}}}, 1},
		"two statements":        {policyText(s3, sqs), []Block{{Actions: []string{"s3:Get*", "sqs:Send*"}}}, 2},
		"one of two statements": {policyText(s3, sqs), []Block{{Actions: []string{"s3:Get*"}}}, 1},
		"two blocks": {policyText(s3),
			[]Block{{Actions: []string{"s3:GetObject"}}, {Actions: []string{"s3:PutObject"}}}, 2},
		"pattern without permission": {policyText(s3, statement("Deny", "sqs:Send*", "*", ""),
			statement("Deny", "sqs:Receive*", "*", `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`)),
			[]Block{{Allow: true, Actions: []string{"sqs:*"}}}, 2},
		"two missing permissions": {policyText(s3),
			[]Block{{Allow: true, Actions: []string{"sqs:SendMessage", "sqs:ReceiveMessage"}}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Assertion{Principal: "alice", Blocks: tt.blocks}.Check(accountWithAlice(t, tt.document))
			if err != nil || len(result.Failures) != tt.want {
				t.Errorf("got %d failures, want %d: %v %v", len(result.Failures), tt.want, result.Failures, err)
			}
		})
	}
}
