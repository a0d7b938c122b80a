package engine

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// newReplaceableEngine creates an account in which a user, a group and a role use the policy /old/P in every way.
func newReplaceableEngine(t *testing.T) (e *Engine, arn string) {
	t.Helper()
	e = newTestEngine(t)
	c, ctx := operator(e), t.Context()
	addUser(t, e, "ann", allowAll)
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: new("g")}))
	must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new(trustRoot(e))}))
	arn = *must(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: new("P"), Path: new("/old/"),
		Description: new("old"), PolicyDocument: new(statement("Deny", "s3:*", "*", ""))})).Policy.Arn
	must(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &arn, SetAsDefault: true,
		PolicyDocument: new(statement("Deny", "sqs:*", "*", ""))}))
	must(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: &arn}))
	must(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new("g"), PolicyArn: &arn}))
	must(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: &arn}))
	must(c.PutUserPermissionsBoundary(ctx,
		&iam.PutUserPermissionsBoundaryInput{UserName: new("ann"), PermissionsBoundary: &arn}))
	must(c.PutRolePermissionsBoundary(ctx,
		&iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: &arn}))
	return e, arn
}

// usesOf returns the names of the identities that use a policy in one way.
func usesOf(t *testing.T, e *Engine, arn string, usage iamtypes.PolicyUsageType) string {
	t.Helper()
	out := must(operator(e).ListEntitiesForPolicy(t.Context(),
		&iam.ListEntitiesForPolicyInput{PolicyArn: &arn, PolicyUsageFilter: usage}))
	var names []string
	for _, g := range out.PolicyGroups {
		names = append(names, *g.GroupName)
	}
	for _, u := range out.PolicyUsers {
		names = append(names, *u.UserName)
	}
	for _, r := range out.PolicyRoles {
		names = append(names, *r.RoleName)
	}
	return strings.Join(names, " ")
}

func TestReplacePolicy_MovesUses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ name, path, want string }{
		"same name and path":     {"P", "/old/", "policy/old/P"},
		"other case of the name": {"p", "/old/", "policy/old/p"},
		"other path":             {"P", "", "policy/P"},
		"other name":             {"Q", "/old/", "policy/old/Q"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, arn := newReplaceableEngine(t)
			c, ctx := operator(e), t.Context()
			before := must(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})).Policy
			document := statement("Deny", "ec2:*", "*", "")
			replaced := must(c.ReplacePolicy(ctx, &ReplacePolicyInput{PolicyArn: arn, PolicyName: test.name, Path: test.path,
				Description: "new", PolicyDocument: document, Tags: []iamtypes.Tag{{Key: new("a"), Value: new("b")}}})).Policy
			after := must(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: new(e.iamARN(test.want))})).Policy
			if *after.PolicyId == *before.PolicyId || *after.PolicyId != *replaced.PolicyId || *after.Description != "new" ||
				*after.DefaultVersionId != "v1" || len(after.Tags) != 1 || *after.AttachmentCount != 3 ||
				*after.PermissionsBoundaryUsageCount != 2 || *replaced.AttachmentCount != 3 || *replaced.Arn != *after.Arn {
				t.Errorf("the policy after the call is %+v, the output is %+v", after, replaced)
			}
			versions := must(c.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: after.Arn})).Versions
			if len(versions) != 1 || *apiDocument(document) != *must(c.GetPolicyVersion(ctx,
				&iam.GetPolicyVersionInput{PolicyArn: after.Arn, VersionId: new("v1")})).PolicyVersion.Document {
				t.Errorf("the versions are %+v", versions)
			}
			if got := usesOf(t, e, *after.Arn, iamtypes.PolicyUsageTypePermissionsPolicy); got != "g ann r" {
				t.Errorf("the policy is attached to %q", got)
			}
			if got := usesOf(t, e, *after.Arn, iamtypes.PolicyUsageTypePermissionsBoundary); got != "ann r" {
				t.Errorf("the policy is the boundary of %q", got)
			}
			local := &iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal}
			if count := len(must(c.ListPolicies(ctx, local)).Policies); count != 1 {
				t.Errorf("the account has %d policies, want 1", count)
			}
			for _, subject := range []string{*before.PolicyId, *after.PolicyId, arn, *after.Arn} {
				if names := eventNames(t, e, AuditFilter{Subject: subject, EventName: "ReplacePolicy"}); len(names) != 1 {
					t.Errorf("the audit trail has %d records ReplacePolicy about %s, want 1", len(names), subject)
				}
			}
			if report := verifyAccount(t, e); report.Total != 0 {
				t.Errorf("the verification found %v", problems(report))
			}
		})
	}
}

func TestReplacePolicy_Refusals(t *testing.T) {
	t.Parallel()
	e, arn := newReplaceableEngine(t)
	ctx, deny := t.Context(), statement("Deny", "s3:*", "*", "")
	must(operator(e).CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: new("Third"), PolicyDocument: &deny}))
	ann, _ := newKeyClient(t, e, "ann")
	viewOnly := insertAWSPolicy(t, e, "/", "ViewOnly")
	for name, test := range map[string]struct {
		client *Client
		in     ReplacePolicyInput
		want   string
	}{
		"name of a third policy": {operator(e), ReplacePolicyInput{PolicyArn: arn, PolicyName: "third", PolicyDocument: deny},
			"EntityAlreadyExists: A policy called third already exists. Duplicate names are not allowed."},
		"missing policy": {operator(e),
			ReplacePolicyInput{PolicyArn: e.iamARN("policy/None"), PolicyName: "P", PolicyDocument: deny},
			"NoSuchEntity: Policy " + e.iamARN("policy/None") + " was not found."},
		"policy of AWS": {operator(e),
			ReplacePolicyInput{PolicyArn: viewOnly, PolicyName: "P", PolicyDocument: deny},
			"AccessDenied: User: …"},
		"invalid document": {operator(e), ReplacePolicyInput{PolicyArn: arn, PolicyName: "P", PolicyDocument: "{}"},
			"MalformedPolicyDocument: …"},
		"invalid path": {operator(e),
			ReplacePolicyInput{PolicyArn: arn, PolicyName: "P", Path: "x", PolicyDocument: deny}, "ValidationError: …"},
		"invalid description": {operator(e),
			ReplacePolicyInput{PolicyArn: arn, PolicyName: "P", Description: strings.Repeat("a", 1001), PolicyDocument: deny},
			"ValidationError: …"},
		"duplicate tag": {operator(e), ReplacePolicyInput{PolicyArn: arn, PolicyName: "P", PolicyDocument: deny,
			Tags: []iamtypes.Tag{{Key: new("a"), Value: new("1")}, {Key: new("A"), Value: new("2")}}}, "InvalidInput: …"},
		"no input": {operator(e), ReplacePolicyInput{}, "ValidationError: …"},
		"user with all permissions": {ann, ReplacePolicyInput{PolicyArn: arn, PolicyName: "P", PolicyDocument: deny},
			"AccessDenied: ReplacePolicy is for the local operator…"},
	} {
		t.Run(name, func(t *testing.T) {
			wantOutcome(t, errorOf(test.client.ReplacePolicy(ctx, &test.in)), test.want)
		})
	}
	policies := must(operator(e).ListPolicies(ctx, &iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal})).Policies
	if uses := usesOf(t, e, arn, ""); len(policies) != 2 || uses != "g ann r" {
		t.Errorf("after refused calls, the policies are %+v, and the policy has the uses %q", policies, uses)
	}
}

// The quotas of policies and attachments do not refuse a replacement, because it adds none.
func TestReplacePolicy_AtQuota(t *testing.T) {
	t.Parallel()
	e, arn := newReplaceableEngine(t)
	storeLimits(t, e, `{"policies":1,"attached_policies_per_user":1,"attached_policies_per_group":1,`+
		`"attached_policies_per_role":1}`)
	must(operator(e).ReplacePolicy(t.Context(), &ReplacePolicyInput{PolicyArn: arn, PolicyName: "P",
		PolicyDocument: statement("Deny", "s3:*", "*", "")}))
	storeLimits(t, e, `{"policy_size":10}`)
	wantOutcome(t, errorOf(operator(e).ReplacePolicy(t.Context(), &ReplacePolicyInput{PolicyArn: e.iamARN("policy/P"),
		PolicyName: "P", PolicyDocument: statement("Deny", "s3:*", "*", "")})),
		"LimitExceeded: Cannot exceed quota for PolicySize: 10")
}

func TestReplacePolicy_EnforcesAssertions(t *testing.T) {
	t.Parallel()
	e := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db"))
	in := &ReplacePolicyInput{PolicyArn: e.iamARN("policy/P"), PolicyName: "Q", PolicyDocument: allowS3}
	wantError(t, errorOf(operator(e).ReplacePolicy(t.Context(), in)), AccessAssertionViolation, "The change violates…")
	if got := usesOf(t, e, e.iamARN("policy/P"), ""); got != "ana" {
		t.Errorf("after the refusal, the policy is attached to %q", got)
	}
	in.PolicyDocument = statement("Allow", "ec2:*", "*", "")
	must(operator(e).ReplacePolicy(t.Context(), in))
	// The gate knows the new attachment: a new version of the policy is refused too.
	wantError(t, errorOf(operator(e).CreatePolicyVersion(t.Context(), &iam.CreatePolicyVersionInput{
		PolicyArn: new(e.iamARN("policy/Q")), PolicyDocument: &allowS3, SetAsDefault: true})), AccessAssertionViolation,
		"The change violates…")
}

// Calls that run during replacements never see an account without the denial.
func TestReplacePolicy_LeavesNoGap(t *testing.T) {
	t.Parallel()
	e, arn := newReplaceableEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	document := statement("Deny", "s3:*", "*", "")
	must(operator(e).CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &arn, SetAsDefault: true,
		PolicyDocument: &document}))
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for ctx.Err() == nil {
				out, err := operator(e).SimulatePrincipalPolicy(t.Context(), &iam.SimulatePrincipalPolicyInput{
					PolicySourceArn: new(e.iamARN("user/ann")), ActionNames: []string{"s3:GetObject"}})
				if err != nil {
					t.Error(err)
					return
				}
				if got := out.EvaluationResults[0].EvalDecision; got != iamtypes.PolicyEvaluationDecisionTypeExplicitDeny {
					t.Errorf("during a replacement, the decision is %s", got)
					return
				}
			}
		})
	}
	for i := range 20 {
		arn = *must(operator(e).ReplacePolicy(ctx, &ReplacePolicyInput{PolicyArn: arn, PolicyName: "P",
			Path: []string{"/", "/a/"}[i%2], PolicyDocument: document})).Policy.Arn
	}
	cancel()
	group.Wait()
}
