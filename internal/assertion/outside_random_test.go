package assertion

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// TestCheck_AgreesWithBruteForceAboutOutsiders compares Check, for principals outside the account and random trust
// policies, with the decisions about some of these principals.
func TestCheck_AgreesWithBruteForceAboutOutsiders(t *testing.T) {
	const other, third = "444455556666", "777788889999"
	arn := func(account, name string) string { return "arn:aws:iam::" + account + ":" + name }
	provider := arn(accountID, "oidc-provider/token.actions.githubusercontent.com")
	members := map[string][]string{
		other: {arn(other, "root"), arn(other, "user/eve"),
			"arn:aws:sts::" + other + ":assumed-role/ops/x"},
		arn(other, "user/eve"):                {arn(other, "user/eve")},
		"ec2.amazonaws.com":                   {"ec2.amazonaws.com"},
		"anonymous":                           {"anonymous"},
		provider:                              {provider},
		"token.actions.githubusercontent.com": {provider},
		"*": {arn(other, "user/eve"), arn(third, "user/joe"), arn(third, "root"), "anonymous",
			provider},
	}
	s := proofSpace{rand.New(rand.NewPCG(9, 10))}
	elements := []string{`"*"`, `{"AWS":"*"}`, aws(other), aws(third), aws(accountID), aws(arn(other, "user/eve")),
		aws(arn(other, "role/ops")), aws("arn:aws:sts::" + other + ":assumed-role/ops/x"), `{"Service":"ec2.amazonaws.com"}`,
		`{"Federated":"` + provider + `"}`, `{"AWS":["` + third + `","` + arn(other, "user/bob") + `"]}`}
	conditions := []string{"", "", "", `"StringEquals":{"aws:PrincipalAccount":"` + other + `"}`,
		`"StringNotEquals":{"aws:PrincipalAccount":"` + other + `"}`, `"Null":{"sts:ExternalId":"false"}`,
		`"StringEquals":{"sts:ExternalId":"a"}`, `"StringNotEquals":{"sts:ExternalId":"a"}`,
		`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}`,
		`"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/e*"}`,
		`"StringEquals":{"aws:PrincipalType":"User"}`, `"Bool":{"aws:PrincipalIsAWSService":"false"}`,
		`"StringLike":{"aws:userid":"*"}`, `"Null":{"aws:username":"true"}`, `"StringEquals":{"aws:username":"eve"}`}
	roleName := roleARN("a")
	statementOf := func(effect string) string {
		text := fmt.Sprintf(`{"Effect":%q,"Principal":%s,"Action":%q`, effect, s.pick(elements...),
			s.pick("sts:AssumeRole", "sts:AssumeRole*", "sts:*", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"))
		if c := s.pick(conditions...); c != "" {
			text += `,"Condition":{` + c + "}"
		}
		return text + "}"
	}
	counts := map[string]int{}
	for range caseCount(t, 1500, 300) {
		var statements []string
		for range 1 + s.IntN(3) {
			statements = append(statements, statementOf(s.pick("Allow", "Allow", "Deny")))
		}
		a := accountWith(t, role("a", trust(statements...)))
		for _, name := range slices.Sorted(maps.Keys(members)) {
			action := s.pick("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRole*", "*")
			b := Block{Actions: []string{action}}
			if s.chance(30) {
				b.Context = []Key{{Name: "sts:ExternalId", Values: []string{s.pick("a", "b")}}}
			}
			if s.chance(30) {
				b.Resources = []string{s.pick(roleName, roleARN("*"))}
			}
			result, err := Assertion{Principal: name, Blocks: []Block{b}}.Check(a)
			if err != nil {
				t.Fatal(err)
			}
			found := ""
			for _, member := range members[name] {
				p, err := authz.ParsePrincipal(member)
				if member == provider {
					p, err = authz.IdentityProvider(member), nil
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, id := range []string{"", "a", "b"} {
					for _, called := range []string{"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"} {
						isToken := called != "sts:AssumeRole"
						if !matches(action, called) || isToken != (p.Kind == authz.FederatedProvider) && p.Kind != authz.Anonymous ||
							len(b.Context) > 0 && b.Context[0].Values[0] != id {
							continue
						}
						ctx := authz.NewContext()
						if id != "" {
							_ = ctx.Set("sts:ExternalId", id)
						}
						p.ID = "AIDAEXAMPLE"
						if p.Kind == authz.RoleSession {
							p = p.WithRole(arn(other, "role/ops"))
						}
						for key, value := range p.Keys() {
							_ = ctx.Set(key, value)
						}
						policies := permissive
						policies.ResourcePolicy, err = a.ResourcePolicy(authz.MustAction(called), roleName)
						if err != nil {
							t.Fatal(err)
						}
						if policies.Decide(&authz.Request{Principal: p, Action: authz.MustAction(called), Resource: roleName,
							Context: ctx}) == authz.Allowed {
							found = fmt.Sprintf("%s by %s with %v", called, member, ctx.Given())
						}
					}
				}
			}
			violated := len(result.Failures) > 0
			if found != "" && !violated && len(result.Undecided) == 0 {
				t.Fatalf("%s: Check finds no violation of %+v, but there is %s\n%s", name, b, found,
					strings.Join(statements, "\n"))
			}
			counts[fmt.Sprintf("violated %v, found %v, undecided %v", violated, found != "", len(result.Undecided) > 0)]++
			for _, f := range result.Failures {
				if f.Witness == nil {
					counts["without witness"]++
				}
			}
		}
	}
	t.Log(counts)
}
