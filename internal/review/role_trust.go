package review

import (
	"context"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
)

// addTrusts adds the roles that principals outside the account may assume after the plan and could not before, or the
// reverse.
func (r *review) addTrusts(ctx context.Context) error {
	before, after := r.accountsOf.before, r.accountsOf.after
	names := map[string]bool{}
	for _, of := range []*account.Account{before, after} {
		for _, role := range of.Roles() {
			names[role.Name] = true
		}
	}
	for _, name := range sortedKeys(names) {
		changed := r.index.changed[entityKey(account.RoleKind, name)]
		if len(changed) == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		old, oldErr := trusting(before, name)
		updated, newErr := trusting(after, name)
		if oldErr != nil || newErr != nil {
			r.notJudged(changed[0], "The trust policy of the role "+name+" cannot be evaluated.")
			continue
		}
		out := Resource{ARN: planned.ShowHoles(r.roleARN(name)), Type: "AWS::IAM::Role", Source: r.source(changed[0]),
			Gained: r.trustAccess(updated, old), Lost: r.trustAccess(old, updated)}
		if len(out.Gained)+len(out.Lost) > 0 {
			r.report.Resources = append(r.report.Resources, out)
		}
	}
	return nil
}

func (r *review) roleARN(name string) string {
	for _, of := range []*account.Account{r.accountsOf.after, r.accountsOf.before} {
		if role, ok := of.Role(name); ok {
			return of.ARN(account.RoleKind, role.Path, role.Name)
		}
	}
	return name
}

// assumeActions are the actions by which principals outside the account assume a role.
var assumeActions = []string{"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"}

// trusted is a principal outside the account that may assume a role.
type trusted struct {
	action, role string
	access.Finding
}

// trusting returns the principals outside the account that may assume a role.
func trusting(of *account.Account, name string) (out []trusted, err error) {
	role, ok := of.Role(name)
	if !ok {
		return nil, nil
	}
	arn := of.ARN(account.RoleKind, role.Path, role.Name)
	for _, action := range assumeActions {
		found, err := access.Outsiders(of, access.Question{Action: authz.MustAction(action), Resource: arn})
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if f.Answer != access.No {
				out = append(out, trusted{action, arn, f})
			}
		}
	}
	return out, nil
}

// trustAccess returns the principals that may assume a role on one side and not, or not under the same condition, on
// the other.
func (r *review) trustAccess(here, there []trusted) (out []ResourceAccess) {
	for _, t := range here {
		if slices.ContainsFunc(there, func(other trusted) bool {
			return other.action == t.action && other.Name == t.Name && other.Condition == t.Condition
		}) {
			continue
		}
		context, _ := exampleContext(t.Example)
		out = append(out, ResourceAccess{Principal: planned.ShowHoles(t.Name), Action: t.action,
			Resource: planned.ShowHoles(t.role), Context: context, Condition: planned.ShowHoles(t.Condition),
			Statements: r.statementsOf(trustStatements(t.Statements))})
	}
	return out
}

// trustStatements returns the statements of trust policies. The others are those of an account that is assumed to allow
// everything.
func trustStatements(refs []authz.StatementRef) []authz.StatementRef {
	return slices.DeleteFunc(slices.Clone(refs), func(ref authz.StatementRef) bool {
		return ref.Layer != authz.ResourcePolicy
	})
}
