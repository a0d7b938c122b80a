package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// permission is an action on a resource that the caller needs for a call. The conditions match only
// the context keys of that call.
type permission struct {
	action, resource string
	conditions       map[string]string
}

// policyAllowing returns a policy that allows these permissions and nothing else.
func policyAllowing(allowed []permission) string {
	statements := []any{map[string]any{"Effect": "Allow", "Action": "none:None", "Resource": "*"}}
	for _, p := range allowed {
		statement := map[string]any{"Effect": "Allow", "Action": p.action, "Resource": p.resource}
		operators := map[string]map[string]string{}
		for key, value := range p.conditions {
			operator := "StringEquals"
			if key == "aws:TagKeys" {
				operator = "ForAnyValue:StringEquals"
			}
			if operators[operator] == nil {
				operators[operator] = map[string]string{}
			}
			operators[operator][key] = value
		}
		statement["Condition"] = operators
		statements = append(statements, statement)
	}
	return string(must(json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})))
}

// insufficient returns variants of the needed permissions that do not suffice. Each variant lacks
// one permission, has another value in one condition, or has another resource in one permission.
func insufficient(needs []permission) map[string][]permission {
	variants := map[string][]permission{}
	for i, p := range needs {
		variants["without "+p.action] = slices.Delete(slices.Clone(needs), i, i+1)
		for key := range p.conditions {
			conditions := map[string]string{}
			for k, v := range p.conditions {
				conditions[k] = v
			}
			conditions[key] = "another"
			changed := slices.Clone(needs)
			changed[i].conditions = conditions
			variants[fmt.Sprintf("%s with another %s", p.action, key)] = changed
		}
		changed := slices.Clone(needs)
		changed[i].resource = "arn:aws:iam::000000000000:server-certificate/another"
		variants[p.action+" on another resource"] = changed
	}
	return variants
}

// TestOperations_RequirePermission creates, changes and deletes entities of every kind. For each
// call it checks that the call fails with insufficient permissions and succeeds with exactly the
// needed ones.
func TestOperations_RequirePermission(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	root, ctx := operator(e), t.Context()
	must(root.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("caller")}))
	caller := clientOf(t, e, "caller")
	limit, other := createAllowAllPolicy(t, root, "limit"), createAllowAllPolicy(t, root, "other")

	const (
		account = "arn:aws:iam::000000000000:"
		user    = account + "user/team/u"
		group   = account + "group/team/g"
		role    = account + "role/team/r"
		managed = account + "policy/team/p"
	)
	u, g, r, p, name := aws.String("u"), aws.String("g"), aws.String("r"), aws.String(managed), aws.String("inline")
	path, text, trust := aws.String("/team/"), aws.String(allowAll), aws.String(trustEC2)
	need := func(action, resource string, conditions ...string) permission {
		p := permission{action: action, resource: resource, conditions: map[string]string{}}
		for _, c := range conditions {
			key, value, _ := strings.Cut(c, "=")
			p.conditions[key] = value
		}
		return p
	}
	const (
		requestTag     = "aws:RequestTag/team=red"
		requestTagKey  = "aws:TagKeys=team"
		awsTeamTag     = "aws:ResourceTag/team=red"
		iamTeamTag     = "iam:ResourceTag/team=red"
		limitBoundary  = "iam:PermissionsBoundary=" + account + "policy/limit"
		otherBoundary  = "iam:PermissionsBoundary=" + account + "policy/other"
		attachedPolicy = "iam:PolicyARN=" + managed
	)

	for _, step := range []struct {
		name  string
		do    func(c *Client) error
		needs []permission
	}{
		{"CreateUser", func(c *Client) error {
			return errorOf(c.CreateUser(ctx,
				&iam.CreateUserInput{UserName: u, Path: path, PermissionsBoundary: &limit, Tags: tagsOf("team=red")}))
		},
			[]permission{need("iam:CreateUser", user, requestTag, requestTagKey, limitBoundary),
				need("iam:TagUser", user, requestTag, requestTagKey)}},
		{"CreateGroup", func(c *Client) error {
			return errorOf(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: g, Path: path}))
		}, []permission{need("iam:CreateGroup", group)}},
		{"CreateRole", func(c *Client) error {
			return errorOf(c.CreateRole(ctx,
				&iam.CreateRoleInput{RoleName: r, Path: path, AssumeRolePolicyDocument: trust, PermissionsBoundary: &limit,
					Tags: tagsOf("team=red")}))
		},
			[]permission{need("iam:CreateRole", role, requestTag, requestTagKey, limitBoundary),
				need("iam:TagRole", role, requestTag, requestTagKey)}},
		{"CreatePolicy", func(c *Client) error {
			return errorOf(c.CreatePolicy(ctx,
				&iam.CreatePolicyInput{PolicyName: aws.String("p"), Path: path, PolicyDocument: text, Tags: tagsOf("team=red")}))
		},
			[]permission{need("iam:CreatePolicy", managed, requestTag, requestTagKey),
				need("iam:TagPolicy", managed, requestTag, requestTagKey)}},

		{"GetUser", func(c *Client) error { return errorOf(c.GetUser(ctx, &iam.GetUserInput{UserName: u})) },
			[]permission{need("iam:GetUser", user, awsTeamTag, iamTeamTag)}},
		{"GetGroup", func(c *Client) error { return errorOf(c.GetGroup(ctx, &iam.GetGroupInput{GroupName: g})) },
			[]permission{need("iam:GetGroup", group)}},
		{"GetRole", func(c *Client) error { return errorOf(c.GetRole(ctx, &iam.GetRoleInput{RoleName: r})) },
			[]permission{need("iam:GetRole", role, awsTeamTag, iamTeamTag, limitBoundary)}},
		{"UpdateRole", func(c *Client) error { return errorOf(c.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: r})) },
			[]permission{need("iam:UpdateRole", role, awsTeamTag, limitBoundary)}},
		{"UpdateRoleDescription", func(c *Client) error {
			return errorOf(c.UpdateRoleDescription(ctx,
				&iam.UpdateRoleDescriptionInput{RoleName: r, Description: aws.String("d")}))
		}, []permission{need("iam:UpdateRoleDescription", role, limitBoundary)}},
		{"UpdateAssumeRolePolicy", func(c *Client) error {
			return errorOf(c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: r, PolicyDocument: trust}))
		}, []permission{need("iam:UpdateAssumeRolePolicy", role, awsTeamTag, limitBoundary)}},
		{"GetPolicy", func(c *Client) error { return errorOf(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: p})) },
			[]permission{need("iam:GetPolicy", managed, awsTeamTag, iamTeamTag)}},
		{"ListUsers", func(c *Client) error { return errorOf(c.ListUsers(ctx, &iam.ListUsersInput{PathPrefix: path})) },
			[]permission{need("iam:ListUsers", account+"user/team/")}},
		{"ListGroups", func(c *Client) error { return errorOf(c.ListGroups(ctx, nil)) },
			[]permission{need("iam:ListGroups", account+"group/")}},
		{"ListRoles", func(c *Client) error { return errorOf(c.ListRoles(ctx, nil)) },
			[]permission{need("iam:ListRoles", account+"role/")}},
		{"ListPolicies", func(c *Client) error { return errorOf(c.ListPolicies(ctx, nil)) },
			[]permission{need("iam:ListPolicies", "*")}},

		{"AddUserToGroup", func(c *Client) error {
			return errorOf(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: u, GroupName: g}))
		}, []permission{need("iam:AddUserToGroup", group)}},
		{"ListGroupsForUser", func(c *Client) error {
			return errorOf(c.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: u}))
		}, []permission{need("iam:ListGroupsForUser", user, awsTeamTag)}},
		{"RemoveUserFromGroup", func(c *Client) error {
			return errorOf(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: u, GroupName: g}))
		}, []permission{need("iam:RemoveUserFromGroup", group)}},

		{"PutUserPolicy", func(c *Client) error {
			return errorOf(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: u, PolicyName: name, PolicyDocument: text}))
		}, []permission{need("iam:PutUserPolicy", user, awsTeamTag, limitBoundary)}},
		{"PutGroupPolicy", func(c *Client) error {
			return errorOf(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: g, PolicyName: name, PolicyDocument: text}))
		}, []permission{need("iam:PutGroupPolicy", group)}},
		{"PutRolePolicy", func(c *Client) error {
			return errorOf(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: r, PolicyName: name, PolicyDocument: text}))
		}, []permission{need("iam:PutRolePolicy", role, awsTeamTag, limitBoundary)}},
		{"GetUserPolicy", func(c *Client) error {
			return errorOf(c.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: u, PolicyName: name}))
		}, []permission{need("iam:GetUserPolicy", user)}},
		{"GetGroupPolicy", func(c *Client) error {
			return errorOf(c.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: g, PolicyName: name}))
		}, []permission{need("iam:GetGroupPolicy", group)}},
		{"GetRolePolicy", func(c *Client) error {
			return errorOf(c.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: r, PolicyName: name}))
		}, []permission{need("iam:GetRolePolicy", role)}},
		{"ListUserPolicies", func(c *Client) error {
			return errorOf(c.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: u}))
		}, []permission{need("iam:ListUserPolicies", user)}},
		{"ListGroupPolicies", func(c *Client) error {
			return errorOf(c.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: g}))
		}, []permission{need("iam:ListGroupPolicies", group)}},
		{"ListRolePolicies", func(c *Client) error {
			return errorOf(c.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: r}))
		}, []permission{need("iam:ListRolePolicies", role)}},
		{"DeleteUserPolicy", func(c *Client) error {
			return errorOf(c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: u, PolicyName: name}))
		}, []permission{need("iam:DeleteUserPolicy", user, limitBoundary)}},
		{"DeleteGroupPolicy", func(c *Client) error {
			return errorOf(c.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: g, PolicyName: name}))
		}, []permission{need("iam:DeleteGroupPolicy", group)}},
		{"DeleteRolePolicy", func(c *Client) error {
			return errorOf(c.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: r, PolicyName: name}))
		}, []permission{need("iam:DeleteRolePolicy", role, limitBoundary)}},

		{"AttachUserPolicy", func(c *Client) error {
			return errorOf(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: u, PolicyArn: p}))
		}, []permission{need("iam:AttachUserPolicy", user, attachedPolicy, limitBoundary, awsTeamTag)}},
		{"AttachGroupPolicy", func(c *Client) error {
			return errorOf(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: g, PolicyArn: p}))
		}, []permission{need("iam:AttachGroupPolicy", group, attachedPolicy)}},
		{"AttachRolePolicy", func(c *Client) error {
			return errorOf(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: r, PolicyArn: p}))
		}, []permission{need("iam:AttachRolePolicy", role, attachedPolicy, limitBoundary, awsTeamTag)}},
		{"ListAttachedUserPolicies", func(c *Client) error {
			return errorOf(c.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: u}))
		}, []permission{need("iam:ListAttachedUserPolicies", user)}},
		{"ListAttachedGroupPolicies", func(c *Client) error {
			return errorOf(c.ListAttachedGroupPolicies(ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: g}))
		}, []permission{need("iam:ListAttachedGroupPolicies", group)}},
		{"ListAttachedRolePolicies", func(c *Client) error {
			return errorOf(c.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: r}))
		}, []permission{need("iam:ListAttachedRolePolicies", role)}},
		{"ListEntitiesForPolicy", func(c *Client) error {
			return errorOf(c.ListEntitiesForPolicy(ctx, &iam.ListEntitiesForPolicyInput{PolicyArn: p}))
		}, []permission{need("iam:ListEntitiesForPolicy", managed, awsTeamTag)}},
		{"DetachUserPolicy", func(c *Client) error {
			return errorOf(c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: u, PolicyArn: p}))
		}, []permission{need("iam:DetachUserPolicy", user, attachedPolicy, limitBoundary)}},
		{"DetachGroupPolicy", func(c *Client) error {
			return errorOf(c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: g, PolicyArn: p}))
		}, []permission{need("iam:DetachGroupPolicy", group, attachedPolicy)}},
		{"DetachRolePolicy", func(c *Client) error {
			return errorOf(c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: r, PolicyArn: p}))
		}, []permission{need("iam:DetachRolePolicy", role, attachedPolicy, limitBoundary)}},

		// The condition key is the new boundary if the call sets one, and the present boundary if the
		// call deletes it.
		{"PutUserPermissionsBoundary", func(c *Client) error {
			return errorOf(c.PutUserPermissionsBoundary(ctx,
				&iam.PutUserPermissionsBoundaryInput{UserName: u, PermissionsBoundary: &other}))
		}, []permission{need("iam:PutUserPermissionsBoundary", user, otherBoundary)}},
		{"PutRolePermissionsBoundary", func(c *Client) error {
			return errorOf(c.PutRolePermissionsBoundary(ctx,
				&iam.PutRolePermissionsBoundaryInput{RoleName: r, PermissionsBoundary: &other}))
		}, []permission{need("iam:PutRolePermissionsBoundary", role, otherBoundary)}},
		{"DeleteUserPermissionsBoundary", func(c *Client) error {
			return errorOf(c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: u}))
		}, []permission{need("iam:DeleteUserPermissionsBoundary", user, otherBoundary)}},
		{"DeleteRolePermissionsBoundary", func(c *Client) error {
			return errorOf(c.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: r}))
		}, []permission{need("iam:DeleteRolePermissionsBoundary", role, otherBoundary)}},

		{"TagUser", func(c *Client) error {
			return errorOf(c.TagUser(ctx, &iam.TagUserInput{UserName: u, Tags: tagsOf("stage=prod")}))
		}, []permission{need("iam:TagUser", user, "aws:RequestTag/stage=prod", "aws:TagKeys=stage", awsTeamTag)}},
		{"TagRole", func(c *Client) error {
			return errorOf(c.TagRole(ctx, &iam.TagRoleInput{RoleName: r, Tags: tagsOf("stage=prod")}))
		}, []permission{need("iam:TagRole", role, "aws:RequestTag/stage=prod", "aws:TagKeys=stage", awsTeamTag)}},
		{"TagPolicy", func(c *Client) error {
			return errorOf(c.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: p, Tags: tagsOf("stage=prod")}))
		}, []permission{need("iam:TagPolicy", managed, "aws:RequestTag/stage=prod", "aws:TagKeys=stage", awsTeamTag)}},
		{"ListUserTags", func(c *Client) error { return errorOf(c.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: u})) },
			[]permission{need("iam:ListUserTags", user)}},
		{"ListRoleTags", func(c *Client) error { return errorOf(c.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: r})) },
			[]permission{need("iam:ListRoleTags", role)}},
		{"ListPolicyTags",
			func(c *Client) error { return errorOf(c.ListPolicyTags(ctx, &iam.ListPolicyTagsInput{PolicyArn: p})) },
			[]permission{need("iam:ListPolicyTags", managed)}},
		{"UntagUser", func(c *Client) error {
			return errorOf(c.UntagUser(ctx, &iam.UntagUserInput{UserName: u, TagKeys: []string{"stage"}}))
		}, []permission{need("iam:UntagUser", user, "aws:TagKeys=stage", "aws:ResourceTag/stage=prod")}},
		{"UntagRole", func(c *Client) error {
			return errorOf(c.UntagRole(ctx, &iam.UntagRoleInput{RoleName: r, TagKeys: []string{"stage"}}))
		}, []permission{need("iam:UntagRole", role, "aws:TagKeys=stage", "aws:ResourceTag/stage=prod")}},
		{"UntagPolicy", func(c *Client) error {
			return errorOf(c.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: p, TagKeys: []string{"stage"}}))
		}, []permission{need("iam:UntagPolicy", managed, "aws:TagKeys=stage", "aws:ResourceTag/stage=prod")}},

		{"ListInstanceProfilesForRole", func(c *Client) error {
			return errorOf(c.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: r}))
		}, []permission{need("iam:ListInstanceProfilesForRole", role)}},

		{"CreatePolicyVersion", func(c *Client) error {
			return errorOf(c.CreatePolicyVersion(ctx,
				&iam.CreatePolicyVersionInput{PolicyArn: p, PolicyDocument: text, SetAsDefault: true}))
		}, []permission{need("iam:CreatePolicyVersion", managed, awsTeamTag)}},
		{"GetPolicyVersion", func(c *Client) error {
			return errorOf(c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: p, VersionId: aws.String("v1")}))
		}, []permission{need("iam:GetPolicyVersion", managed)}},
		{"ListPolicyVersions", func(c *Client) error {
			return errorOf(c.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: p}))
		}, []permission{need("iam:ListPolicyVersions", managed)}},
		{"SetDefaultPolicyVersion", func(c *Client) error {
			return errorOf(c.SetDefaultPolicyVersion(ctx,
				&iam.SetDefaultPolicyVersionInput{PolicyArn: p, VersionId: aws.String("v1")}))
		}, []permission{need("iam:SetDefaultPolicyVersion", managed, awsTeamTag)}},
		{"DeletePolicyVersion", func(c *Client) error {
			return errorOf(c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: p, VersionId: aws.String("v2")}))
		}, []permission{need("iam:DeletePolicyVersion", managed, awsTeamTag)}},
		{"DeletePolicy", func(c *Client) error { return errorOf(c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: p})) },
			[]permission{need("iam:DeletePolicy", managed, awsTeamTag)}},

		// A rename needs permission for both the old and the new name.
		{"UpdateUser", func(c *Client) error {
			return errorOf(c.UpdateUser(ctx,
				&iam.UpdateUserInput{UserName: u, NewUserName: aws.String("v"), NewPath: aws.String("/")}))
		}, []permission{need("iam:UpdateUser", user, awsTeamTag), need("iam:UpdateUser", account+"user/v", awsTeamTag)}},
		{"UpdateGroup", func(c *Client) error {
			return errorOf(c.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: g, NewGroupName: aws.String("h")}))
		}, []permission{need("iam:UpdateGroup", group), need("iam:UpdateGroup", account+"group/team/h")}},
		{"DeleteUser", func(c *Client) error {
			return errorOf(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("v")}))
		},
			[]permission{need("iam:DeleteUser", account+"user/v", awsTeamTag)}},
		{"DeleteGroup", func(c *Client) error {
			return errorOf(c.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: aws.String("h")}))
		}, []permission{need("iam:DeleteGroup", account+"group/team/h")}},
		{"DeleteRole", func(c *Client) error { return errorOf(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: r})) },
			[]permission{need("iam:DeleteRole", role, awsTeamTag)}},
	} {
		allow := func(permissions []permission) {
			must(root.PutUserPolicy(ctx,
				&iam.PutUserPolicyInput{UserName: aws.String("caller"), PolicyName: aws.String("exact"),
					PolicyDocument: aws.String(policyAllowing(permissions))}))
		}
		ok := t.Run(step.name, func(t *testing.T) {
			for _, p := range step.needs {
				if catalog.Default().Find(p.action).Status != catalog.Known {
					t.Errorf("the catalog does not have %s: add it to tools/catalog/additions.txt", p.action)
				}
			}
			for variant, permissions := range insufficient(step.needs) {
				allow(permissions)
				t.Run(variant, func(t *testing.T) {
					wantError(t, step.do(caller), "AccessDenied", "User: "+account+"user/caller is not authorized to perform: iam:…")
				})
			}
			allow(step.needs)
			wantOutcome(t, step.do(caller), "")
		})
		if !ok {
			t.FailNow() // the next steps depend on this one
		}
	}
}

func TestDeniedCaller_CannotProbeExistence(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	root, ctx := operator(e), t.Context()
	must(root.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("caller")}))
	must(root.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("existing")}))
	caller := clientOf(t, e, "caller")
	for _, name := range []string{"existing", "missing"} {
		_, err := caller.GetUser(ctx, &iam.GetUserInput{UserName: &name})
		wantError(t, err, "AccessDenied", "User: arn:aws:iam::000000000000:user/caller is not authorized to perform: "+
			"iam:GetUser on resource: arn:aws:iam::000000000000:user/"+name+
			" because no identity-based policy allows the iam:GetUser action…")
		arn := "arn:aws:iam::000000000000:policy/" + name
		_, err = caller.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		wantError(t, err, "AccessDenied",
			"User: arn:aws:iam::000000000000:user/caller is not authorized to perform: iam:GetPolicy on resource: "+arn+" …")
	}
	_, err := caller.ListPolicies(ctx, nil)
	wantError(t, err, "AccessDenied",
		"User: arn:aws:iam::000000000000:user/caller is not authorized to perform: iam:ListPolicies on resource: * …")
}

func TestReportsAndSimulations_RequirePermission(t *testing.T) {
	e := newPopulatedEngine(t)
	ann := e.iamARN("user/team/ann")
	for action, call := range map[string]func(*Client) error{
		"GetAccountSummary": func(c *Client) error { return errorOf(c.GetAccountSummary(t.Context(), nil)) },
		"GetAccountAuthorizationDetails": func(c *Client) error {
			return errorOf(c.GetAccountAuthorizationDetails(t.Context(), nil))
		},
		"GenerateCredentialReport": func(c *Client) error { return errorOf(c.GenerateCredentialReport(t.Context(), nil)) },
		"GetContextKeysForCustomPolicy": func(c *Client) error {
			return errorOf(c.GetContextKeysForCustomPolicy(t.Context(),
				&iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{allowAll}}))
		},
		"GetContextKeysForPrincipalPolicy": func(c *Client) error {
			return errorOf(c.GetContextKeysForPrincipalPolicy(t.Context(),
				&iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &ann}))
		},
		"SimulateCustomPolicy": func(c *Client) error {
			return errorOf(c.SimulateCustomPolicy(t.Context(),
				&iam.SimulateCustomPolicyInput{ActionNames: []string{"s3:GetObject"}, PolicyInputList: []string{allowAll}}))
		},
		"SimulatePrincipalPolicy": func(c *Client) error {
			return errorOf(c.SimulatePrincipalPolicy(t.Context(),
				&iam.SimulatePrincipalPolicyInput{ActionNames: []string{"s3:GetObject"}, PolicySourceArn: &ann}))
		},
	} {
		resource := "*"
		if strings.Contains(action, "Principal") {
			resource = ann
		}
		name := strings.ToLower(action)
		must(operator(e).CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}))
		client := clientOf(t, e, name)
		wantOutcome(t, call(client),
			fmt.Sprintf("AccessDenied: User: %s is not authorized to perform: iam:%s on resource: %s …", e.iamARN("user/"+name),
				action, resource))
		must(operator(e).PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
			UserName: &name, PolicyName: aws.String("p"),
			PolicyDocument: aws.String(statement("Allow", "iam:"+action, resource, "")),
		}))
		wantOutcome(t, call(client), "")
	}
}
