package access

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// someConditions are conditions with their descriptions.
var someConditions = []struct {
	json, text string
	holds      func(k, l string) bool // an empty text is an absent key
}{
	{`"StringEquals":{"k":"a"}`, `k is "a"`, func(k, _ string) bool { return k == "a" }},
	{`"StringNotEquals":{"k":"a"}`, `k is not "a"`, func(k, _ string) bool { return k != "a" }},
	{`"StringEqualsIfExists":{"k":"b"}`, `k is "b" or k is absent`, func(k, _ string) bool { return k == "b" || k == "" }},
	{`"Null":{"k":"false"}`, `k is present`, func(k, _ string) bool { return k != "" }},
	{`"StringLike":{"l":["a*"]}`, `l matches "a*"`, func(_, l string) bool { return strings.HasPrefix(l, "a") }},
	{`"Null":{"l":"true"}`, `l is absent`, func(_, l string) bool { return l == "" }},
}

// TestCondition_EqualsDecisions compares the formula behind each condition with the decisions about all values of the
// keys, for random policies of all layers that an account has.
func TestCondition_EqualsDecisions(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	texts := map[string]func(k, l string) bool{}
	for _, c := range someConditions {
		texts[c.text] = c.holds
	}
	some := func(effect, rest string) string {
		var conditions []string
		for _, i := range random.Perm(len(someConditions))[:random.IntN(3)] {
			c := someConditions[i].json
			isSameOperator := func(other string) bool { return other[:8] == c[:8] }
			if !slices.ContainsFunc(conditions, isSameOperator) {
				conditions = append(conditions, c)
			}
		}
		return fmt.Sprintf(`{"Effect":%q,"Action":"sts:*",%s,"Condition":{%s}}`, effect, rest, strings.Join(conditions, ","))
	}
	resource := `"Resource":"*"`
	compared := 0
	for range 3000 {
		user := account.User{Name: "u", ID: "AIDAEXAMPLE"}
		statements := []string{some("Allow", resource)}
		for range random.IntN(2) {
			statements = append(statements, some("Allow", resource))
		}
		for range random.IntN(2) {
			statements = append(statements, some("Deny", resource))
		}
		user.Inline = inline(statements...)
		changes := []account.Change{}
		if random.IntN(2) == 0 {
			user.Boundary = "arn:aws:iam::" + accountID + ":policy/limit"
			changes = append(changes, account.Policy{ARN: user.Boundary, Default: "v1",
				Versions: []account.Version{{ID: "v1", Document: doc(some("Allow", resource), some("Allow", resource))}}})
		}
		names := []string{`{"AWS":"123456789012"}`, `{"AWS":"arn:aws:iam::123456789012:user/u"}`, `"*"`}
		var trust []string
		for range 1 + random.IntN(2) {
			trust = append(trust, some("Allow", `"Principal":`+names[random.IntN(3)]))
		}
		if random.IntN(4) == 0 {
			trust = append(trust, some("Deny", `"Principal":`+names[random.IntN(3)]))
		}
		acc := newAccount(t, append(changes, user, account.Role{Name: "r", Trust: doc(trust...)})...)
		p, err := acc.Principal("u")
		if err != nil {
			t.Fatal(err)
		}
		role := acc.ARN(account.RoleKind, "/", "r")
		action, target := assumeRole, role
		if random.IntN(2) == 0 {
			action, target = authz.MustAction("sts:GetFederationToken"), "*"
		}
		access, err := acc.Access(p, account.Credentials{})
		if err != nil {
			t.Fatal(err)
		}
		policies := access.Policies()
		if policies.ResourcePolicy, err = acc.ResourcePolicy(action, target); err != nil {
			t.Fatal(err)
		}
		r := authz.Request{Principal: p, Action: action, Resource: target, Context: authz.NewContext()}
		access.SetPossibleKeys(r.Context)
		if policies.CouldAllow(&r) != authz.Possible {
			continue
		}
		allowed, unless := newRelevant(&policies, &r, &authz.Sources{}).formula()
		holds := func(a alternatives, k, l string) bool {
			return slices.ContainsFunc(a, func(list []string) bool {
				return !slices.ContainsFunc(list, func(text string) bool {
					if texts[text] == nil {
						t.Fatalf("unknown condition %q", text)
					}
					return !texts[text](k, l)
				})
			})
		}
		for _, k := range []string{"", "a", "b", "c"} {
			for _, l := range []string{"", "a", "b"} {
				context := authz.NewContext()
				for key, value := range map[string]string{"k": k, "l": l} {
					if value != "" {
						_ = context.Set(key, value)
					}
				}
				access.SetKeys(context)
				exact := r
				exact.Context = context
				want := policies.Decide(&exact) == authz.Allowed
				got := holds(allowed, k, l) &&
					!slices.ContainsFunc(unless, func(a alternatives) bool { return holds(a, k, l) })
				if got != want {
					t.Fatalf("k=%q l=%q %s: the condition says %v, the decision %v\nuser %v\ntrust %v\nboundary %s", k, l, action, got,
						want, statements, trust, user.Boundary)
				}
				compared++
			}
		}
	}
	if compared < 10000 {
		t.Errorf("only %d decisions compared", compared)
	}
}
