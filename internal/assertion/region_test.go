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

func TestCheck_PartialDenials(t *testing.T) {
	pay := func(pattern string) string { return "arn:aws:s3:::pay/" + pattern }
	noPay := Block{Actions: []string{"s3:GetObject"}, Resources: []string{pay("*")}}
	not := func(effect, element, value string) string {
		return fmt.Sprintf(`{"Effect":%q,"Action":"s3:*",%q:%q}`, effect, element, value)
	}
	for name, tt := range map[string]struct {
		statements []string
		block      Block
		want       string
	}{
		"part denied": {[]string{statement("Allow", "s3:*", pay("*"), ""), statement("Deny", "s3:*", pay("a*"), "")},
			noPay, "s3:GetObject on arn:aws:s3:::pay/*, but is"},
		"example denied": {[]string{statement("Allow", "s3:*", pay("*"), ""),
			statement("Deny", "s3:*", pay("anything*"), "")}, noPay, "but is"},
		"all denied": {[]string{statement("Allow", "s3:*", pay("*"), ""), statement("Deny", "*", "*", "")}, noPay, ""},
		"part denied twice": {[]string{statement("Allow", "s3:*", pay("*"), ""), statement("Deny", "s3:*", pay("a*"), ""),
			statement("Deny", "s3:*", pay("*b"), "")}, noPay, "but is"},
		"all but one object denied": {[]string{statement("Allow", "s3:*", pay("*"), ""),
			not("Deny", "NotResource", pay("x"))}, noPay, "but is"},
		"everything but the part denied": {[]string{statement("Allow", "s3:*", "*", ""),
			not("Deny", "NotResource", pay("a*"))}, noPay, "but is"},
		"allowed except a part": {[]string{not("Allow", "NotResource", pay("a*"))}, noPay, "but is"},
		"allowed except all":    {[]string{not("Allow", "NotResource", pay("*"))}, noPay, ""},
		"denied except allowed": {[]string{statement("Allow", "s3:*", pay("b/*"), ""),
			not("Deny", "NotResource", pay("a*"))}, noPay, ""},
		"denied together": {[]string{statement("Allow", "s3:*", pay("?"), ""), statement("Deny", "s3:*", pay(""), ""),
			not("Deny", "NotResource", pay(""))}, noPay, ""},
		"action denied": {[]string{statement("Allow", "s3:Get*", pay("*"), ""), statement("Deny", "s3:GetObject*", "*", "")},
			noPay, ""},
		"action of a pattern denied": {[]string{statement("Allow", "s3:Get*", pay("*"), ""),
			statement("Deny", "s3:GetObject*", "*", "")}, Block{Actions: []string{"s3:*"}, Resources: []string{pay("*")}},
			"s3:Get* on arn:aws:s3:::pay/*, but is"},
		"other actions denied": {[]string{statement("Allow", "s3:GetObject", pay("*"), ""),
			`{"Effect":"Deny","NotAction":"s3:GetObject","Resource":"*"}`},
			Block{Actions: []string{"s3:*"}, Resources: []string{pay("*")}}, "s3:GetObject on"},
		"every action denied": {[]string{statement("Allow", "s3:GetObject", pay("*"), ""),
			`{"Effect":"Deny","NotAction":"s3:PutObject","Resource":"*"}`},
			Block{Actions: []string{"s3:*"}, Resources: []string{pay("*")}}, ""},
		"denied on a condition": {[]string{statement("Allow", "s3:*", pay("*"), ""), statement("Deny", "s3:*", pay("*"),
			`,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`)}, noPay, "but is"},
		"denied on both conditions": {[]string{statement("Allow", "s3:*", pay("*"), ""), statement("Deny", "s3:*", pay("*"),
			`,"Condition":{"Null":{"aws:SourceVpc":"true"}}`), statement("Deny", "s3:*", pay("*"),
			`,"Condition":{"Null":{"aws:SourceVpc":"false"}}`)}, noPay, ""},
		"denied on both conditions but a part": {[]string{statement("Allow", "s3:*", pay("*"), ""),
			statement("Deny", "s3:*", pay("*"), `,"Condition":{"Null":{"aws:SourceVpc":"true"}}`),
			statement("Deny", "s3:*", pay("a*"), `,"Condition":{"Null":{"aws:SourceVpc":"false"}}`)}, noPay,
			`allowed if aws:SourceVpc is "value"`},
		"own directory denied": {[]string{statement("Allow", "s3:*", pay("*"), ""),
			not("Deny", "NotResource", pay("${aws:username}/*"))}, noPay, "but is"},
		"every resource": {[]string{statement("Allow", "s3:GetObject", pay("x"), "")},
			Block{Actions: []string{"s3:GetObject"}, Resources: []string{"*"}}, "s3:GetObject on arn:aws:s3:::pay/x, but is"},
		"foreign resource": {[]string{statement("Allow", "sqs:*", "arn:aws:sqs:*:999988887777:*", "")},
			Block{Actions: []string{"sqs:*"}}, ""},
		"foreign and own resource": {[]string{statement("Allow", "sqs:*", "*", ""),
			statement("Deny", "sqs:*", "arn:aws:sqs:*:"+accountID+":a*", "")},
			Block{Actions: []string{"sqs:*"}, Resources: []string{"arn:aws:sqs:*:*:*"}}, "sqs:* on arn:aws:sqs:*:*:*, but is"},

		"pattern allowed in two parts": {[]string{statement("Allow", "s3:Get*", pay("a*"), ""),
			not("Allow", "NotResource", pay("a*"))}, allowed(noPay), ""},
		"pattern allowed in part": {[]string{statement("Allow", "s3:Get*", pay("a*"), "")}, allowed(noPay),
			"must be allowed s3:GetObject on arn:aws:s3:::pay/*, but is not. Implicitly denied: no identity policy allows it."},
		"pattern denied in part": {[]string{statement("Allow", "s3:Get*", pay("*"), ""),
			statement("Deny", "s3:*", pay("anything*"), "")}, allowed(noPay),
			"s3:GetObject on arn:aws:s3:::pay/anything*, but is not. Explicitly denied"},
		"pattern denied on a condition that fails": {[]string{statement("Allow", "s3:Get*", pay("*"), ""),
			statement("Deny", "s3:*", pay("a*"), `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`)}, allowed(noPay), ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := accountWith(t, user("ana", tt.statements...))
			result, err := Assertion{Principal: "ana", Blocks: []Block{tt.block}}.Check(a)
			if err != nil {
				t.Fatal(err)
			}
			expectFindings(t, result, tt.want)
		})
	}
}

func allowed(b Block) Block {
	b.Allow = true
	return b
}

func TestCheck_PrincipalKeysAreFixed(t *testing.T) {
	const guarded = `,"Condition":{"Null":{"aws:PrincipalTag/clearance":"true"}}`
	tagged := func(u account.User, key, value string) account.User {
		u.Tags = []account.Tag{{Key: key, Value: value}}
		return u
	}
	uncertain := func(u account.User) account.User {
		u.Unknown.Tags = true
		return u
	}
	all, unless := statement("Allow", "s3:*", "*", ""), statement("Deny", "*", "*", guarded)
	when := func(operator, key, value string) string {
		return statement("Allow", "s3:*", "*", fmt.Sprintf(`,"Condition":{%q:{%q:%q}}`, operator, key, value))
	}
	for name, tt := range map[string]struct {
		user account.User
		want string
	}{
		"denied without a tag":            {user("ana", all, unless), ""},
		"denied without a tag, other tag": {tagged(user("ana", all, unless), "team", "x"), ""},
		"with the tag":                    {tagged(user("ana", all, unless), "clearance", "x"), "but is"},
		"tags not known yet":              {uncertain(user("ana", all, unless)), "?"},
		"tag of another value": {tagged(user("ana", when("StringEquals", "aws:PrincipalTag/team", "y")),
			"team", "x"), ""},
		"user name":            {user("ana", when("StringEquals", "aws:username", "bob")), ""},
		"ARN":                  {user("ana", when("ArnLike", "aws:PrincipalArn", roleARN("*"))), ""},
		"type":                 {user("ana", when("StringEquals", "aws:PrincipalType", "AssumedRole")), ""},
		"source identity":      {user("ana", when("StringLike", "aws:SourceIdentity", "*")), ""},
		"identity provider":    {user("ana", when("StringLike", "aws:FederatedProvider", "*")), ""},
		"service":              {user("ana", when("Bool", "aws:PrincipalIsAWSService", "true")), ""},
		"MFA is free":          {user("ana", when("Bool", "aws:MultiFactorAuthPresent", "true")), "could be"},
		"organization is free": {user("ana", when("StringEquals", "aws:PrincipalOrgID", "o-1")), "could be"},
		"directory of a tag without value": {user("ana", statement("Allow", "s3:*",
			"arn:aws:s3:::payroll/${aws:PrincipalTag/t}", "")), ""},
		"directory with a default": {user("ana", statement("Allow", "s3:*",
			"arn:aws:s3:::payroll/${aws:PrincipalTag/t, 'x'}", "")), "but is"},
		"directory of a key of the request": {user("ana", statement("Allow", "s3:*",
			"arn:aws:s3:::payroll/${aws:SourceVpc}", "")), "but could be"},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Assertion{Principal: "ana", Blocks: []Block{noPayroll}}.Check(accountWith(t, tt.user))
			if err != nil {
				t.Fatal(err)
			}
			expectFindings(t, result, tt.want)
		})
	}
}

// TestCheck_UnknownVariables checks statements whose resources depend on keys without a known value.
func TestCheck_UnknownVariables(t *testing.T) {
	const tag = "arn:aws:s3:::payroll/${aws:PrincipalTag/t}/*"
	unknown := func(statements ...string) account.User {
		u := user("ana", statements...)
		u.Unknown.Tags = true
		return u
	}
	except := `{"Effect":"Deny","Action":"s3:*","NotResource":"` + tag + `"}`
	for name, tt := range map[string]struct {
		user account.User
		want string
	}{
		"allow of an unknown tag":    {unknown(statement("Allow", "s3:*", tag, "")), "?"},
		"deny of an unknown tag":     {unknown(readsPayroll, statement("Deny", "s3:*", tag, "")), "but is"},
		"deny except an unknown tag": {unknown(readsPayroll, except), "?"},
		"deny except an absent tag":  {user("ana", readsPayroll, except), ""},
		"deny except a key of choice": {user("ana", readsPayroll, strings.ReplaceAll(except, "aws:PrincipalTag/t",
			"aws:SourceVpc")), "could be"},
		"deny of a key of choice": {user("ana", readsPayroll, statement("Deny", "s3:*",
			"arn:aws:s3:::payroll/${aws:SourceVpc}*", "")), "but is"},
		"deny of every value of the key": {user("ana", readsPayroll, statement("Deny", "s3:*",
			"arn:aws:s3:::payroll/*${aws:SourceVpc, ''}*", "")), "could be"},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Assertion{Principal: "ana", Blocks: []Block{noPayroll}}.Check(accountWith(t, tt.user))
			if err != nil {
				t.Fatal(err)
			}
			expectFindings(t, result, tt.want)
		})
	}
}

// TestCheck_AgreesWithBruteForce compares Check on random policies with the decisions about all requests of a small
// alphabet. The patterns are shorter than the texts of the alphabet, so a text of it is in every part that the
// statements distinguish.
func TestCheck_AgreesWithBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	name := func() string { return pick("a", "b", "a*", "*b", "*", "?", "ab", "a?", "*a*") }
	var words []string
	for _, x := range []string{"", "a", "b", "z"} {
		for _, y := range []string{"", "a", "b", "z"} {
			for _, z := range []string{"a", "b", "z"} {
				for _, w := range []string{"", "z"} {
					words = append(words, x+y+z+w)
				}
			}
		}
	}
	element := func(kind, prefix string) string {
		if random.IntN(4) == 0 {
			kind = "Not" + kind
		}
		values := []string{fmt.Sprintf("%q", prefix+name())}
		if random.IntN(3) == 0 {
			values = append(values, fmt.Sprintf("%q", prefix+name()))
		}
		return fmt.Sprintf(`%q:[%s]`, kind, strings.Join(values, ","))
	}
	conditions := []string{"", "", "", `,"Condition":{"Null":{"aws:SourceVpc":"true"}}`,
		`,"Condition":{"Null":{"aws:SourceVpc":"false"}}`}
	statementOf := func(effect string) string {
		return `{"Effect":"` + effect + `",` + element("Action", "s:") + "," + element("Resource", "arn:aws:s3:::") +
			pick(conditions...) + "}"
	}
	outcomes := map[string]int{}
	for range 500 {
		statements := []string{statementOf("Allow")}
		for range random.IntN(4) {
			statements = append(statements, statementOf(pick("Allow", "Deny", "Deny")))
		}
		u := user("ana", statements...)
		changes := []account.Change{account.Change(nil)}
		changes = changes[:0]
		if random.IntN(3) == 0 {
			changes = append(changes, policyOf("limit", statementOf("Allow"), statementOf(pick("Allow", "Deny"))))
			u.Boundary = "arn:aws:iam::" + accountID + ":policy/limit"
		}
		a := accountWith(t, append(changes, u)...)
		block := Block{
			Allow: random.IntN(2) == 0, Actions: []string{"s:" + name()}, Resources: []string{"arn:aws:s3:::" + name()},
		}
		result, err := Assertion{Principal: "ana", Blocks: []Block{block}}.Check(a)
		if err != nil {
			t.Fatal(err)
		}
		principal, _ := a.Principal("ana")
		access, err := a.Access(principal, account.Credentials{})
		if err != nil {
			t.Fatal(err)
		}
		policies := access.Policies()
		violation := ""
		for _, action := range words {
			for _, resource := range words {
				r := authz.Request{
					Principal: principal, Action: authz.MustAction("s:" + action), Resource: "arn:aws:s3:::" + resource,
					Context: authz.NewContext(),
				}
				if !matches(block.Actions[0], r.Action.String()) || !matches(block.Resources[0], r.Resource) {
					continue
				}
				if block.Allow && policies.Decide(&r) != authz.Allowed || !block.Allow &&
					policies.CouldAllow(&r) == authz.Possible {
					violation = r.Action.String() + " on " + r.Resource
				}
			}
		}
		if len(result.Undecided) > 0 {
			t.Fatalf("undecided: %v\n%s\n%+v", result.Undecided, strings.Join(statements, "\n"), block)
		}
		if (violation != "") != (len(result.Failures) > 0) {
			t.Fatalf("Check finds %q, brute force finds %q\n%s\n%+v\n%+v", oneLine(result.Failures), violation,
				strings.Join(statements, "\n"), a.ManagedPolicies(), block)
		}
		outcomes[fmt.Sprint(block.Allow, violation != "")]++
	}
	for key, n := range outcomes {
		if n < 20 {
			t.Errorf("too few cases of each kind: %s %d", key, n)
		}
	}
	t.Log(outcomes)
}

// TestCheck_ProvesLargeQuestions checks questions with more parts than the search decides.
func TestCheck_ProvesLargeQuestions(t *testing.T) {
	var actions, resources []string
	for i := range 60 {
		actions = append(actions, fmt.Sprintf(`"s3:Get%dx*"`, i))
		resources = append(resources, fmt.Sprintf(`"arn:aws:s3:::pay/%d*x"`, i))
	}
	list := func(texts []string) string { return "[" + strings.Join(texts, ",") + "]" }
	allows := `{"Effect":"Allow","Action":` + list(actions) + `,"Resource":` + list(resources) + `}`
	var except []string
	for i := range resources {
		except = append(except, fmt.Sprintf(`{"Effect":"Deny","Action":"s3:Get%dx*","Resource":"*"}`, i))
	}
	never := Block{Actions: []string{"s3:*"}, Resources: []string{"arn:aws:s3:::pay/*"}}
	for name, tt := range map[string]struct {
		statements []string
		block      Block
		want       string
	}{
		"denied": {[]string{allows, `{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::pay/*x"}`}, never, ""},
		"denied in parts, with one exception": {append([]string{allows}, except[1:]...), never,
			`to call s3:get0x_ on "arn:aws:s3:::pay/0ax"`},
		"variable in the denial": {[]string{allows,
			`{"Effect":"Deny","Action":"*","Resource":["arn:aws:s3:::pay/*x","arn:aws:s3:::${aws:SourceVpc}"]}`}, never, ""},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Assertion{Principal: "ana", Blocks: []Block{tt.block}}.Check(accountWith(t, user("ana",
				tt.statements...)))
			if err != nil {
				t.Fatal(err)
			}
			expectFindings(t, result, tt.want)
		})
	}
}

// TestCheck_UnknownParts checks that a part that is not known yet leaves the answer open.
func TestCheck_UnknownParts(t *testing.T) {
	unknown := account.Tree(tree.Node{Kind: tree.Unknown})
	u := user("ana")
	u.Inline = []account.InlinePolicy{{Name: "p", Document: unknown}}
	for name, tt := range map[string]struct {
		more []string
		want string
	}{
		"alone":              {nil, "?"},
		"with a denial":      {[]string{statement("Deny", "*", "*", "")}, ""},
		"with half denial":   {[]string{statement("Deny", "*", "arn:aws:s3:::payroll/a*", "")}, "?"},
		"with another allow": {[]string{statement("Allow", "*", "*", "")}, "?"},
	} {
		t.Run(name, func(t *testing.T) {
			v := u
			if len(tt.more) > 0 {
				v.Inline = append(v.Inline[:1:1], account.InlinePolicy{Name: "q", Document: policyText(tt.more...)})
			}
			result, err := Assertion{Principal: "ana", Blocks: []Block{noPayroll}}.Check(accountWith(t, v))
			if err != nil {
				t.Fatal(err)
			}
			expectFindings(t, result, tt.want)
		})
	}
}
