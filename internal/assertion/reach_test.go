package assertion

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func roleARN(name string) string { return "arn:aws:iam::" + accountID + ":role/" + name }

func userARN(name string) string { return "arn:aws:iam::" + accountID + ":user/" + name }

func trust(statements ...string) account.Document { return policyText(statements...) }

// trusts returns a statement of a trust policy.
func trusts(effect, principal, action, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return fmt.Sprintf(`{"Effect":%q,"Principal":%s,"Action":%q%s}`, effect, principal, action, condition)
}

func aws(arn string) string { return `{"AWS":"` + arn + `"}` }

func role(name string, trust account.Document, statements ...string) account.Role {
	r := account.Role{Name: name, ID: "AROA" + strings.ToUpper(name), Path: "/", Trust: trust}
	if len(statements) > 0 {
		r.Inline = []account.InlinePolicy{{Name: "p", Document: policyText(statements...)}}
	}
	return r
}

func user(name string, statements ...string) account.User {
	u := account.User{Name: name, ID: "AIDA" + strings.ToUpper(name), Path: "/"}
	if len(statements) > 0 {
		u.Inline = []account.InlinePolicy{{Name: "p", Document: policyText(statements...)}}
	}
	return u
}

func accountWith(t testing.TB, changes ...account.Change) *account.Account {
	t.Helper()
	a, err := account.New(accountID).With(changes...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// oneLine returns the messages of findings in one line.
func oneLine(findings []Finding) string {
	messages := make([]string, len(findings))
	for i, f := range findings {
		messages[i] = strings.Join(strings.Fields(f.Message), " ")
	}
	return strings.Join(messages, " | ")
}

const (
	payroll = "arn:aws:s3:::payroll/*"
	assume  = "sts:AssumeRole"
)

var (
	readsPayroll = statement("Allow", "s3:*", payroll, "")
	noPayroll    = Block{Actions: []string{"s3:GetObject"}, Resources: []string{payroll}}
)

func TestCheck_FollowsRoles(t *testing.T) {
	chain := []account.Change{
		user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, ""))),
		role("b", trust(trusts("Allow", aws(roleARN("a")), assume, "")), readsPayroll),
	}
	with := func(key, value string) Block {
		b := noPayroll
		b.Context = []Key{{Name: key, Values: []string{value}}}
		return b
	}
	mfa := `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	for name, tt := range map[string]struct {
		changes []account.Change
		block   Block
		direct  bool
		want    string // a part of the failures; empty if there is none; "?" if the block is undecided
		reached []string
	}{
		"chain of two roles": {chain, noPayroll, false,
			"user/ana must never be allowed s3:GetObject on arn:aws:s3:::payroll/*, but may assume role a, which may assume " +
				"role b, which is. Allowed by policy \"inline policy p of role b\"", []string{"a", "b"}},
		"without roles": {chain, noPayroll, true, "", nil},
		"cycle": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, ""), trusts("Allow", aws(roleARN("b")),
				assume, ""))),
			role("b", trust(trusts("Allow", aws(roleARN("a")), assume, ""))),
		}, noPayroll, false, "", []string{"a", "b"}},
		"role itself": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(roleARN("a")), assume, "")), readsPayroll),
		}, noPayroll, false, "", nil},
		"account trusted without identity policy": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(accountID), assume, "")), readsPayroll),
		}, noPayroll, false, "", nil},
		"account trusted with identity policy": {[]account.Change{
			user("ana", statement("Allow", assume, roleARN("*"), "")),
			role("a", trust(trusts("Allow", aws(accountID), assume, "")), readsPayroll),
		}, noPayroll, false, "but may assume role a, which is", []string{"a"}},
		"conditional step": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume,
				`{"StringEquals":{"sts:ExternalId":"x"}}`)), readsPayroll),
		}, noPayroll, false, `but may assume role a if sts:ExternalId is "x", which is`, []string{"a"}},
		"denied step": {[]account.Change{
			user("ana", statement("Deny", assume, "*", "")),
			role("a", trust(trusts("Allow", aws(userARN("ana")), assume, "")), readsPayroll),
		}, noPayroll, false, "", nil},
		"trust of a session": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, ""))),
			role("b", trust(trusts("Allow", aws("arn:aws:sts::"+accountID+":assumed-role/a/night"), assume, "")), readsPayroll),
		}, noPayroll, false, "but may assume role a, which may assume role b, which is", []string{"a", "b"}},
		"trust of a unique id": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws("AIDAANA"), assume, "")), readsPayroll),
		}, noPayroll, false, "but may assume role a, which is", []string{"a"}},
		"trust of an identity provider": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", `{"Federated":"accounts.google.com"}`,
				"sts:AssumeRoleWithWebIdentity", "")), readsPayroll),
		}, noPayroll, false, "", nil},
		"key of the principal in a later step": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, ""))),
			role("b", trust(trusts("Allow", aws(roleARN("a")), assume,
				`{"StringNotEquals":{"aws:PrincipalTag/team":"red"}}`)), readsPayroll),
		}, with("aws:PrincipalTag/team", "red"), false, "role b, which is", []string{"a", "b"}},
		"key of the principal in the first step": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume,
				`{"StringNotEquals":{"aws:PrincipalTag/team":"red"}}`)), readsPayroll),
		}, with("aws:PrincipalTag/team", "red"), false, "", []string{"a"}},
		"key of the environment": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, ""))),
			role("b", trust(trusts("Allow", aws(roleARN("a")), assume,
				`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`)), readsPayroll),
		}, with("aws:SourceIp", "192.0.2.1"), false, "", []string{"a", "b"}},
		"no MFA in any session": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, mfa)), readsPayroll),
		}, with("aws:MultiFactorAuthPresent", "false"), false, "", []string{"a"}},
		"MFA of the user only": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, mfa)),
				statement("Allow", "s3:*", "*", `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}`)),
		}, with("aws:MultiFactorAuthPresent", "true"), false, "which could be: allowed if aws:MultiFactorAuthPresent is " +
			`"false"`, []string{"a"}},
		"key of the last request": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume,
				`{"StringEquals":{"aws:RequestTag/x":"1"}}`)),
				statement("Allow", "s3:*", "*", `,"Condition":{"StringEquals":{"aws:RequestTag/x":"2"}}`)),
		}, with("aws:RequestTag/x", "2"), false, `role a if aws:RequestTag/x is "1", which is`, []string{"a"}},
		"boundary of the role": {[]account.Change{
			user("ana"), policyOf("limit", statement("Allow", "s3:*", "arn:aws:s3:::logs/*", "")),
			bounded(role("a", trust(trusts("Allow", aws(userARN("ana")), assume, "")), readsPayroll), "limit"),
		}, noPayroll, false, "", []string{"a"}},
		"unknown trust policy": {[]account.Change{
			user("ana"), role("a", account.Tree(tree.Node{Kind: tree.Unknown}), readsPayroll),
		}, noPayroll, false, "?", []string{"a"}},
		"role name of the session in aws:userid": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, "")),
				statement("Allow", "s3:*", "*", `,"Condition":{"StringLike":{"aws:userid":"AROAA:ops-*"}}`)),
		}, noPayroll, false, `which could be: allowed if aws:userid is "AROAA:ops-"`, []string{"a"}},
		"other role in aws:userid": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, "")),
				statement("Allow", "s3:*", "*", `,"Condition":{"StringLike":{"aws:userid":"AROAB:*"}}`)),
		}, noPayroll, false, "", []string{"a"}},
		"session tag": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), "sts:*", "")), readsPayroll,
				statement("Deny", "s3:*", "*", `,"Condition":{"Null":{"aws:PrincipalTag/clearance":"true"}}`)),
		}, noPayroll, false, `which could be: allowed if aws:PrincipalTag/clearance is "value"`, []string{"a"}},
		"no session tag": {[]account.Change{
			user("ana"), role("a", trust(trusts("Allow", aws(userARN("ana")), assume, "")), readsPayroll,
				statement("Deny", "s3:*", "*", `,"Condition":{"Null":{"aws:PrincipalTag/clearance":"true"}}`)),
		}, noPayroll, false, "", []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := accountWith(t, tt.changes...)
			result, err := Assertion{Principal: "ana", DirectOnly: tt.direct, Blocks: []Block{tt.block}}.Check(a)
			if err != nil {
				t.Fatal(err)
			}
			var reached []string
			for _, name := range tt.reached {
				reached = append(reached, roleARN(name))
			}
			if !slices.Equal(result.Reached, reached) {
				t.Errorf("reached %v, want %v", result.Reached, reached)
			}
			expectFindings(t, result, tt.want)
		})
	}
}

func TestCheck_FollowsFederatedUsers(t *testing.T) {
	token := statement("Allow", "sts:GetFederationToken", "*", "")
	tag := statement("Allow", "sts:TagSession", "arn:aws:sts::"+accountID+":federated-user/guest", "")
	deny := func(operator, key, value string) string {
		return statement("Deny", "s3:*", "*", fmt.Sprintf(`,"Condition":{%q:{%q:%q}}`, operator, key, value))
	}
	named, untagged := deny("StringEquals", "aws:username", "ana"), deny("Null", "aws:PrincipalTag/t", "true")
	for name, tt := range map[string]struct {
		statements []string
		direct     bool
		want       string
	}{
		"name denied": {[]string{readsPayroll, named}, false, ""},
		"name denied, token": {[]string{readsPayroll, named, token}, false,
			"but may get credentials of a federated user, which is."},
		"name denied, direct": {[]string{readsPayroll, named, token}, true, ""},
		"token denied":        {[]string{readsPayroll, named, token, statement("Deny", "sts:*", "*", "")}, false, ""},
		"type denied": {[]string{readsPayroll, deny("StringEquals", "aws:PrincipalType", "FederatedUser"),
			named, token}, false, ""},
		"ARN denied": {[]string{readsPayroll, deny("ArnLike", "aws:PrincipalArn", "arn:aws:*::*:*/*"),
			token}, false, ""},
		"tag needed, token": {[]string{readsPayroll, untagged, token}, false, ""},
		"tag needed, token and tag": {[]string{readsPayroll, untagged, token, tag}, false,
			`which could be: allowed if aws:PrincipalTag/t is "value"`},
		"everything denied": {[]string{readsPayroll, token, statement("Deny", "s3:*", "*", "")}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Assertion{Principal: "ana", DirectOnly: tt.direct, Blocks: []Block{noPayroll}}.Check(
				accountWith(t, user("ana", tt.statements...)))
			if err != nil {
				t.Fatal(err)
			}
			expectFindings(t, result, tt.want)
		})
	}
}

func policyOf(name string, statements ...string) account.Policy {
	return account.Policy{
		ARN: "arn:aws:iam::" + accountID + ":policy/" + name, Default: "v1",
		Versions: []account.Version{{ID: "v1", Document: policyText(statements...)}},
	}
}

func bounded(r account.Role, boundary string) account.Role {
	r.Boundary = "arn:aws:iam::" + accountID + ":policy/" + boundary
	return r
}

// expectFindings compares a result with a part of its failures; "?" stands for an undecided block.
func expectFindings(t *testing.T, result Result, want string) {
	t.Helper()
	switch got := oneLine(result.Failures); {
	case want == "?":
		if got != "" || len(result.Undecided) == 0 {
			t.Errorf("got the failures %q and no undecided request, want an undecided one", got)
		}
	case want == "" && (got != "" || len(result.Undecided) > 0):
		t.Errorf("got the failures %q and undecided %q, want none", got, oneLine(result.Undecided))
	case !strings.Contains(got, want):
		t.Errorf("got the failures %q and undecided %q, want %q", got, oneLine(result.Undecided), want)
	}
}

func TestReach_ReturnsChains(t *testing.T) {
	a := accountWith(t, user("ana"),
		role("a", trust(trusts("Allow", aws(userARN("ana")), assume, ""))),
		role("b", trust(trusts("Allow", aws(roleARN("a")), assume, ""), trusts("Allow", aws(roleARN("c")), assume, ""))),
		role("c", account.Tree(tree.Node{Kind: tree.Unknown})),
		role("d", trust(trusts("Allow", aws(userARN("bob")), assume, ""))),
	)
	chains, err := Reach(a, "ana")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range chains {
		got = append(got, fmt.Sprint(c, c.Unclear))
	}
	want := []string{"may assume role a false", "may assume role a, which may assume role b false",
		"may assume role c true"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := Reach(a, "bob"); err == nil {
		t.Error("got no error for a user that does not exist")
	}
}

// TestReach_AgreesWithBruteForce compares the roles reached in random accounts with those that decisions about single
// requests reach, by sessions of two names.
func TestReach_AgreesWithBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const roles = 6
	action := authz.MustAction(assume)
	name := func() string { return string(rune('a' + random.IntN(roles))) }
	principal := func() string {
		switch random.IntN(8) {
		case 0:
			return aws(accountID)
		case 1:
			return `"*"`
		case 2:
			return aws(userARN("ana"))
		case 3:
			return aws("arn:aws:sts::" + accountID + ":assumed-role/" + name() + "/s")
		case 4:
			return aws("AROA" + strings.ToUpper(name()))
		}
		return aws(roleARN(name()))
	}
	own := func() (statements []string) {
		for range random.IntN(3) {
			effect, resource := []string{"Allow", "Allow", "Deny"}[random.IntN(3)], roleARN(name())
			if random.IntN(4) == 0 {
				resource = "*"
			}
			statements = append(statements, statement(effect, assume, resource, ""))
		}
		return statements
	}
	total := 0
	for range 300 {
		changes := []account.Change{user("ana", own()...)}
		for i := range roles {
			statements := []string{trusts([]string{"Allow", "Allow", "Deny"}[random.IntN(3)], principal(), assume, "")}
			statements = append(statements, trusts("Allow", principal(), assume, ""))
			changes = append(changes, role(string(rune('a'+i)), trust(statements...), own()...))
		}
		a := accountWith(t, changes...)
		reached, queue := map[string]bool{}, []string{userARN("ana")}
		for len(queue) > 0 {
			p, err := a.Principal(queue[0])
			if err != nil {
				t.Fatal(err)
			}
			queue = queue[1:]
			access, err := a.Access(p, account.Credentials{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range roles {
				to := roleARN(string(rune('a' + i)))
				policies, r, err := access.Request(action, to, nil)
				if err != nil {
					t.Fatal(err)
				}
				if !reached[to] && policies.Decide(&r) == authz.Allowed {
					reached[to] = true
					session := "arn:aws:sts::" + accountID + ":assumed-role/" + roleName(to) + "/"
					queue = append(queue, session+"s", session+"other")
				}
			}
		}
		chains, err := Reach(a, "ana")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range chains {
			if last := c.Roles[len(c.Roles)-1]; !reached[last] || c.Unclear {
				t.Fatalf("%v (unclear: %v), want %v", c, c.Unclear, reached)
			}
		}
		if len(chains) != len(reached) {
			t.Fatalf("got %v, want %v", chains, reached)
		}
		total += len(chains)
	}
	if total < 300 {
		t.Errorf("only %d roles reached in all accounts", total)
	}
}

func TestMayReach_FindsAffectedAssertions(t *testing.T) {
	a := accountWith(t, user("ana"), user("bob"),
		role("a", trust(trusts("Allow", aws(userARN("ana")), assume, ""))),
		role("b", trust(trusts("Allow", aws(roleARN("a")), assume, ""))),
		role("open", trust(trusts("Allow", `"*"`, assume, ""))),
	)
	for _, tt := range []struct {
		name      string
		assertion Assertion
		reached   []string
		role      string
		want      bool
	}{
		{"the principal", Assertion{Principal: "ana"}, nil, "a", true},
		{"a reached role", Assertion{Principal: "ana"}, []string{roleARN("a")}, "b", true},
		{"no reached role", Assertion{Principal: "ana"}, nil, "b", false},
		{"direct only", Assertion{Principal: "ana", DirectOnly: true}, nil, "a", false},
		{"direct only about roles", Assertion{Principal: "ana", DirectOnly: true,
			Blocks: []Block{{Actions: []string{"sts:*"}}}}, nil, "a", true},
		{"another user", Assertion{Principal: "bob"}, nil, "a", false},
		{"removed role", Assertion{Principal: "bob"}, []string{roleARN("gone")}, "a", false},
		{"no such role", Assertion{Principal: "ana"}, nil, "gone", false},
		{"outside", Assertion{Principal: "*"}, nil, "open", true},
		{"not outside", Assertion{Principal: "*"}, nil, "a", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.assertion.MayReach(a, tt.reached, tt.role)
			if err != nil || got != tt.want {
				t.Errorf("got %v and the error %v, want %v", got, err, tt.want)
			}
		})
	}
}

// TestCheck_IsDeterministic checks that the order in which an account stores its roles does not affect the findings.
// The order depends on the hashes of the names, so each round has names with a prefix of its own.
func TestCheck_IsDeterministic(t *testing.T) {
	var first string
	for round := range 20 {
		prefix := fmt.Sprintf("prefix%02d-", round)
		changes := []account.Change{user("ana", statement("Allow", "sts:*", "*", ""))}
		for i := range 30 {
			changes = append(changes,
				role(fmt.Sprintf("%s%02d", prefix, i), trust(trusts("Allow", aws(accountID), assume, "")), readsPayroll))
		}
		result, err := Assertion{Principal: "ana", Blocks: []Block{{Actions: []string{"*"}}}}.Check(accountWith(t,
			changes...))
		if err != nil {
			t.Fatal(err)
		}
		switch got := strings.ReplaceAll(fmt.Sprint(result), prefix, ""); {
		case first == "":
			first = got
		case got != first:
			t.Fatalf("got %s, then %s", first, got)
		}
	}
}
