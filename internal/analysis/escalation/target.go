package escalation

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Target is what a path leads to. The zero value is the administrator.
type Target struct {
	principal string
	action    authz.Action
	resource  string
}

// Administrator returns the target of being administrator: see the package comment.
func Administrator() Target { return Target{} }

// Principal returns the target of acting as a user or role.
func Principal(p authz.Principal) Target { return Target{principal: p.String()} }

// Access returns the target of being allowed an action on a resource.
func Access(action authz.Action, resource string) Target {
	return Target{action: action, resource: resource}
}

// String returns the target as a clause, such as "is administrator".
func (t Target) String() string {
	switch {
	case t.principal != "":
		return "acts as " + t.principal
	case t.action != authz.Action{}:
		return "may perform " + t.action.String() + " on " + t.resource
	}
	return "is administrator"
}

// freshAction and freshResource have names that no policy contains. Only a statement about everything matches them.
var freshAction = authz.MustAction("any-service-a7x:AnyAction")

const freshResource = "arn:aws:any-service-a7x:::any-resource"

// administration are actions that give access to others, or take limits of it away. An administrator may perform all
// of them.
var administration = []struct {
	action authz.Action
	kind   account.Kind
}{
	{putUserPolicy, account.UserKind},
	{attachUserPolicy, account.UserKind},
	{createAccessKey, account.UserKind},
	{authz.MustAction("iam:CreateUser"), account.UserKind},
	{addUserToGroup, account.GroupKind},
	{putRolePolicy, account.RoleKind},
	{attachRolePolicy, account.RoleKind},
	{updateAssumeRolePolicy, account.RoleKind},
	{authz.MustAction("iam:CreateRole"), account.RoleKind},
	{createPolicyVersion, account.PolicyKind},
	{authz.MustAction("iam:CreatePolicy"), account.PolicyKind},
}

// requests returns requests that the target needs to be allowed, all of them. The result is empty for a principal.
func (t Target) requests(acc *account.Account) []call {
	switch {
	case t.principal != "":
		return nil
	case t.action != authz.Action{}:
		return []call{{action: t.action, resource: t.resource, anyKey: true}}
	}
	calls := []call{{action: freshAction, resource: freshResource}}
	for _, a := range administration {
		calls = append(calls, call{action: a.action, resource: acc.ARN(a.kind, "/", "any-name-a7x")})
	}
	return calls
}
