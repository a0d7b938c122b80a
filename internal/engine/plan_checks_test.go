package engine

import (
	"fmt"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// TestPlanChecks_Quotas checks planned numbers at and above the quotas.
func TestPlanChecks_Quotas(t *testing.T) {
	t.Parallel()
	limits := DefaultLimits()
	limits.Users = 2
	plan := account.NewPlan(account.New("000000000000"))
	checks := PlanChecks{Plan: plan, Limits: limits}
	for i := range 11 {
		if err := checks.Attached(account.UserKind, "ann"); err != nil {
			t.Errorf("with %d policies: %v", i, err)
		}
		arn := fmt.Sprintf("arn:aws:iam::000000000000:policy/p%d", i)
		plan.Put(arn, account.PutPolicy{ARN: arn, Document: account.Text(`{}`)},
			account.Attach{Kind: account.UserKind, Name: "ann", ARNs: []string{arn}})
		plan.Put("ann", account.PlanIdentity{Kind: account.UserKind, Name: "ann", Path: "/"})
	}
	wantOutcome(t, checks.Attached(account.UserKind, "Ann"), "LimitExceeded: Cannot exceed quota for PoliciesPerUser: 10")
	for _, name := range []string{"bob", "eve"} {
		wantOutcome(t, checks.AccountCount(account.UserKind), "")
		plan.Put(name, account.PlanIdentity{Kind: account.UserKind, Name: name, Path: "/"})
	}
	wantOutcome(t, checks.AccountCount(account.UserKind), "LimitExceeded: Cannot exceed quota for UsersPerAccount: 2")
}

// TestPlanChecks_MissingPrincipals checks the principals of a trust policy against planned users and roles.
func TestPlanChecks_MissingPrincipals(t *testing.T) {
	t.Parallel()
	plan := account.NewPlan(account.New("000000000000"))
	plan.Put("ann", account.PlanIdentity{Kind: account.UserKind, Name: "ann", Path: "/team/"})
	checks := PlanChecks{Plan: plan}
	for principal, missing := range map[string]int{
		"arn:aws:iam::000000000000:user/team/ann": 0,
		"arn:aws:iam::000000000000:user/ann":      1, // another path
		"arn:aws:iam::000000000000:user/team/Ann": 1,
		"arn:aws:iam::000000000000:role/team/ann": 1,
		"arn:aws:iam::111111111111:user/nobody":   0, // another account
		"arn:aws:iam::000000000000:root":          0,
	} {
		document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal +
			`"},"Action":"sts:AssumeRole"}]}`
		if got := checks.MissingPrincipals(document); len(got) != missing {
			t.Errorf("%s: got the missing principals %v, want %d", principal, got, missing)
		}
	}
}
