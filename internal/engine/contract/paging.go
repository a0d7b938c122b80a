package contract

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// pager is any of the SDK's paginators.
type pager[O, P any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, options ...func(*P)) (*O, error)
}

// allPages walks a list to its end, page by page, and gives the names of all items. between is called after each page
// with those of the page.
func allPages[O, P any](e *env, list pager[O, P], most *int32, names func(*O) []string, between func(shown []string)) []string {
	e.Helper()
	all := []string{}
	for n := 0; list.HasMorePages(); n++ {
		if n > 1000 {
			e.Fatal("the list has no end")
		}
		page, err := list.NextPage(e.Context())
		if err != nil {
			e.Fatal(err)
		}
		shown := names(page)
		holds(e, len(shown) <= int(*most), "a page of %d items, where %d are the most", len(shown), *most)
		all = append(all, shown...)
		if between != nil {
			between(shown)
		}
	}
	return all
}

// mixed are names whose order is not that of their bytes.
var mixed = []string{"Zulu", "alpha", "Bravo", "charlie", "Delta", "echo", "yankee"}

func inOrder(names []string) []string {
	return slices.SortedFunc(slices.Values(names), func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
}

// paginators walks every list with the SDK's paginators.
func paginators(e *env) {
	var tags []iamtypes.Tag
	for _, name := range mixed {
		tags = append(tags, tag(name, "v"))
	}
	ok(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("Hub"), Tags: tags, Path: new("/hub/")})
	ok(e, IAM.CreateRole, &iam.CreateRoleInput{RoleName: new("Hub"), Tags: tags, Path: new("/hub/"), AssumeRolePolicyDocument: new(trusting(e.AccountID()))})
	ok(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: new("Hub"), Path: new("/hub/")})
	hub := *ok(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: new("Hub"), Tags: tags, Path: new("/hub/"), PolicyDocument: new(allow("*", "*"))}).Policy.Arn
	for range 4 {
		ok(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: &hub, PolicyDocument: new(allow("*", "*"))})
	}
	for _, name := range mixed {
		document := new(allow("s3:GetObject", "arn:aws:s3:::"+name+"/*"))
		ok(e, IAM.CreateUser, &iam.CreateUserInput{UserName: &name, Path: new("/list/")})
		ok(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: &name, Path: new("/list/")})
		ok(e, IAM.CreateRole, &iam.CreateRoleInput{RoleName: &name, Path: new("/list/"), AssumeRolePolicyDocument: new(trusting(e.AccountID()))})
		arn := ok(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: &name, Path: new("/list/"), PolicyDocument: document}).Policy.Arn
		ok(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: &name, GroupName: new("Hub")})
		ok(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: new("Hub"), GroupName: &name})
		ok(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("Hub"), PolicyArn: arn})
		ok(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: new("Hub"), PolicyArn: arn})
		ok(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: new("Hub"), PolicyArn: arn})
		ok(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: &hub})
		ok(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: &name, PolicyArn: &hub})
		ok(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: &hub})
		ok(e, IAM.PutUserPolicy, &iam.PutUserPolicyInput{UserName: new("Hub"), PolicyName: &name, PolicyDocument: document})
		ok(e, IAM.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: new("Hub"), PolicyName: &name, PolicyDocument: document})
		ok(e, IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: new("Hub"), PolicyName: &name, PolicyDocument: document})
		ok(e, IAM.EnableMFADevice, e.device(name).enable(e, "Hub"))
	}
	keys := []string{e.key("Hub").AccessKeyID, e.key("Hub").AccessKeyID}
	tagged := e.device("tagged")
	ok(e, IAM.TagMFADevice, &iam.TagMFADeviceInput{SerialNumber: &tagged.serial, Tags: tags})
	ok(e, IAM.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: new("acme")})

	keysOf := func(tags []iamtypes.Tag) []string {
		return each(tags, func(t iamtypes.Tag) string { return *t.Key })
	}
	decisions := func(results []iamtypes.EvaluationResult) []string {
		return each(results, func(r iamtypes.EvaluationResult) string { return *r.EvalActionName })
	}
	list, root := new("/list/"), new("Hub")
	actions := []string{"s3:PutObject", "s3:GetObject", "iam:GetUser", "iam:ListUsers", "sts:AssumeRole"}
	prefixed := func(prefix string, names []string) []string {
		return each(names, func(name string) string { return prefix + name })
	}

	for _, of := range []struct {
		name      string
		want      []string
		unordered bool // AWS's documentation says nothing of its order
		walk      func(e *env, most *int32) []string
	}{
		{"ListUsers", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListUsersPaginator(e.IAM, &iam.ListUsersInput{PathPrefix: list, MaxItems: most}), most,
				func(o *iam.ListUsersOutput) []string {
					return each(o.Users, func(u iamtypes.User) string { return *u.UserName })
				}, nil)
		}},
		{"ListGroups", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListGroupsPaginator(e.IAM, &iam.ListGroupsInput{PathPrefix: list, MaxItems: most}), most,
				func(o *iam.ListGroupsOutput) []string {
					return each(o.Groups, func(g iamtypes.Group) string { return *g.GroupName })
				}, nil)
		}},
		{"ListRoles", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListRolesPaginator(e.IAM, &iam.ListRolesInput{PathPrefix: list, MaxItems: most}), most,
				func(o *iam.ListRolesOutput) []string {
					return each(o.Roles, func(r iamtypes.Role) string { return *r.RoleName })
				}, nil)
		}},
		{"ListPolicies", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListPoliciesPaginator(e.IAM, &iam.ListPoliciesInput{PathPrefix: list, Scope: iamtypes.PolicyScopeTypeLocal, MaxItems: most}), most,
				func(o *iam.ListPoliciesOutput) []string {
					return each(o.Policies, func(p iamtypes.Policy) string { return *p.PolicyName })
				}, nil)
		}},
		{"GetGroup", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewGetGroupPaginator(e.IAM, &iam.GetGroupInput{GroupName: root, MaxItems: most}), most,
				func(o *iam.GetGroupOutput) []string {
					holds(e, *o.Group.GroupName == "Hub", "a page without its group")
					return each(o.Users, func(u iamtypes.User) string { return *u.UserName })
				}, nil)
		}},
		{"ListGroupsForUser", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListGroupsForUserPaginator(e.IAM, &iam.ListGroupsForUserInput{UserName: root, MaxItems: most}), most,
				func(o *iam.ListGroupsForUserOutput) []string {
					return each(o.Groups, func(g iamtypes.Group) string { return *g.GroupName })
				}, nil)
		}},
		{"ListAttachedUserPolicies", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListAttachedUserPoliciesPaginator(e.IAM, &iam.ListAttachedUserPoliciesInput{UserName: root, MaxItems: most}), most,
				func(o *iam.ListAttachedUserPoliciesOutput) []string { return attachedNames(o.AttachedPolicies) }, nil)
		}},
		{"ListAttachedGroupPolicies", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListAttachedGroupPoliciesPaginator(e.IAM, &iam.ListAttachedGroupPoliciesInput{GroupName: root, MaxItems: most}), most,
				func(o *iam.ListAttachedGroupPoliciesOutput) []string { return attachedNames(o.AttachedPolicies) }, nil)
		}},
		{"ListAttachedRolePolicies", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListAttachedRolePoliciesPaginator(e.IAM, &iam.ListAttachedRolePoliciesInput{RoleName: root, MaxItems: most}), most,
				func(o *iam.ListAttachedRolePoliciesOutput) []string { return attachedNames(o.AttachedPolicies) }, nil)
		}},
		{"ListUserPolicies", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListUserPoliciesPaginator(e.IAM, &iam.ListUserPoliciesInput{UserName: root, MaxItems: most}), most,
				func(o *iam.ListUserPoliciesOutput) []string { return o.PolicyNames }, nil)
		}},
		{"ListGroupPolicies", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListGroupPoliciesPaginator(e.IAM, &iam.ListGroupPoliciesInput{GroupName: root, MaxItems: most}), most,
				func(o *iam.ListGroupPoliciesOutput) []string { return o.PolicyNames }, nil)
		}},
		{"ListRolePolicies", inOrder(mixed), false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListRolePoliciesPaginator(e.IAM, &iam.ListRolePoliciesInput{RoleName: root, MaxItems: most}), most,
				func(o *iam.ListRolePoliciesOutput) []string { return o.PolicyNames }, nil)
		}},
		{"ListPolicyVersions", []string{"v5", "v4", "v3", "v2", "v1"}, false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListPolicyVersionsPaginator(e.IAM, &iam.ListPolicyVersionsInput{PolicyArn: &hub, MaxItems: most}), most,
				func(o *iam.ListPolicyVersionsOutput) []string {
					return each(o.Versions, func(v iamtypes.PolicyVersion) string { return *v.VersionId })
				}, nil)
		}},
		{"ListEntitiesForPolicy", slices.Concat(prefixed("group/", mixed), prefixed("role/", mixed), prefixed("user/", mixed)), true, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListEntitiesForPolicyPaginator(e.IAM, &iam.ListEntitiesForPolicyInput{PolicyArn: &hub, MaxItems: most}), most,
				func(o *iam.ListEntitiesForPolicyOutput) []string {
					return slices.Concat(
						each(o.PolicyGroups, func(g iamtypes.PolicyGroup) string { return "group/" + *g.GroupName }),
						each(o.PolicyRoles, func(r iamtypes.PolicyRole) string { return "role/" + *r.RoleName }),
						each(o.PolicyUsers, func(u iamtypes.PolicyUser) string { return "user/" + *u.UserName }))
				}, nil)
		}},
		{"ListUserTags", mixed, true, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListUserTagsPaginator(e.IAM, &iam.ListUserTagsInput{UserName: root, MaxItems: most}), most,
				func(o *iam.ListUserTagsOutput) []string { return keysOf(o.Tags) }, nil)
		}},
		{"ListRoleTags", mixed, true, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListRoleTagsPaginator(e.IAM, &iam.ListRoleTagsInput{RoleName: root, MaxItems: most}), most,
				func(o *iam.ListRoleTagsOutput) []string { return keysOf(o.Tags) }, nil)
		}},
		{"ListPolicyTags", mixed, true, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListPolicyTagsPaginator(e.IAM, &iam.ListPolicyTagsInput{PolicyArn: &hub, MaxItems: most}), most,
				func(o *iam.ListPolicyTagsOutput) []string { return keysOf(o.Tags) }, nil)
		}},
		{"ListMFADeviceTags", mixed, true, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListMFADeviceTagsPaginator(e.IAM, &iam.ListMFADeviceTagsInput{SerialNumber: &tagged.serial, MaxItems: most}), most,
				func(o *iam.ListMFADeviceTagsOutput) []string { return keysOf(o.Tags) }, nil)
		}},
		{"ListMFADevices", prefixed(e.arn("mfa/"), mixed), true, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListMFADevicesPaginator(e.IAM, &iam.ListMFADevicesInput{UserName: root, MaxItems: most}), most,
				func(o *iam.ListMFADevicesOutput) []string {
					return each(o.MFADevices, func(d iamtypes.MFADevice) string { return *d.SerialNumber })
				}, nil)
		}},
		{"ListVirtualMFADevices", prefixed(e.arn("mfa/"), append([]string{"tagged"}, mixed...)), true, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListVirtualMFADevicesPaginator(e.IAM, &iam.ListVirtualMFADevicesInput{MaxItems: most}), most,
				func(o *iam.ListVirtualMFADevicesOutput) []string {
					return each(o.VirtualMFADevices, func(d iamtypes.VirtualMFADevice) string { return *d.SerialNumber })
				}, nil)
		}},
		{"ListAccessKeys", keys, true, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListAccessKeysPaginator(e.IAM, &iam.ListAccessKeysInput{UserName: root, MaxItems: most}), most,
				func(o *iam.ListAccessKeysOutput) []string {
					return each(o.AccessKeyMetadata, func(k iamtypes.AccessKeyMetadata) string { return *k.AccessKeyId })
				}, nil)
		}},
		{"ListAccountAliases", []string{"acme"}, false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListAccountAliasesPaginator(e.IAM, &iam.ListAccountAliasesInput{MaxItems: most}), most,
				func(o *iam.ListAccountAliasesOutput) []string { return o.AccountAliases }, nil)
		}},
		{"ListInstanceProfilesForRole", []string{}, false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewListInstanceProfilesForRolePaginator(e.IAM, &iam.ListInstanceProfilesForRoleInput{RoleName: root, MaxItems: most}), most,
				func(o *iam.ListInstanceProfilesForRoleOutput) []string {
					return each(o.InstanceProfiles, func(p iamtypes.InstanceProfile) string { return *p.InstanceProfileName })
				}, nil)
		}},
		{"GetAccountAuthorizationDetails", slices.Concat(
			prefixed("user/", append([]string{"Hub"}, mixed...)), prefixed("group/", append([]string{"Hub"}, mixed...)),
			prefixed("role/", append([]string{"Hub"}, mixed...)), prefixed("policy/", append([]string{"Hub"}, mixed...)),
		), true, func(e *env, most *int32) []string {
			return allPages(e, iam.NewGetAccountAuthorizationDetailsPaginator(e.IAM, &iam.GetAccountAuthorizationDetailsInput{MaxItems: most}), most,
				func(o *iam.GetAccountAuthorizationDetailsOutput) []string {
					return slices.Concat(
						each(o.UserDetailList, func(u iamtypes.UserDetail) string { return "user/" + *u.UserName }),
						each(o.GroupDetailList, func(g iamtypes.GroupDetail) string { return "group/" + *g.GroupName }),
						each(o.RoleDetailList, func(r iamtypes.RoleDetail) string { return "role/" + *r.RoleName }),
						each(o.Policies, func(p iamtypes.ManagedPolicyDetail) string { return "policy/" + *p.PolicyName }))
				}, nil)
		}},
		{"SimulateCustomPolicy", actions, false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewSimulateCustomPolicyPaginator(e.IAM, &iam.SimulateCustomPolicyInput{
				PolicyInputList: []string{allow("*", "*")}, ActionNames: actions, MaxItems: most,
			}), most, func(o *iam.SimulateCustomPolicyOutput) []string { return decisions(o.EvaluationResults) }, nil)
		}},
		{"SimulatePrincipalPolicy", actions, false, func(e *env, most *int32) []string {
			return allPages(e, iam.NewSimulatePrincipalPolicyPaginator(e.IAM, &iam.SimulatePrincipalPolicyInput{
				PolicySourceArn: new(e.arn("user/hub/Hub")), ActionNames: actions, MaxItems: most,
			}), most, func(o *iam.SimulatePrincipalPolicyOutput) []string { return decisions(o.EvaluationResults) }, nil)
		}},
	} {
		for _, most := range []int32{1, 2, 1000} {
			e.part(fmt.Sprintf("%s by %d", of.name, most), func(e *env) {
				got, want := of.walk(e, &most), of.want
				if of.unordered {
					got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
				}
				same(e, "items", got, want)
			})
		}
	}

	e.fresh("what is deleted meanwhile makes nothing be left out or come twice", func(e *env) {
		for _, of := range []struct {
			kind   string
			create func(name string)
			delete func(name string)
			walk   func(most *int32, between func([]string)) []string
		}{
			{
				"users", func(name string) { e.user(name) },
				func(name string) { ok(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: &name}) },
				func(most *int32, between func([]string)) []string {
					return allPages(e, iam.NewListUsersPaginator(e.IAM, &iam.ListUsersInput{MaxItems: most}), most, func(o *iam.ListUsersOutput) []string {
						return each(o.Users, func(u iamtypes.User) string { return *u.UserName })
					}, between)
				},
			},
			{
				"groups", func(name string) { e.group(name) },
				func(name string) { ok(e, IAM.DeleteGroup, &iam.DeleteGroupInput{GroupName: &name}) },
				func(most *int32, between func([]string)) []string {
					return allPages(e, iam.NewListGroupsPaginator(e.IAM, &iam.ListGroupsInput{MaxItems: most}), most, func(o *iam.ListGroupsOutput) []string {
						return each(o.Groups, func(g iamtypes.Group) string { return *g.GroupName })
					}, between)
				},
			},
			{
				"policies", func(name string) { e.policy(name, allow("*", "*")) },
				func(name string) {
					ok(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: new(e.arn("policy/" + name))})
				},
				func(most *int32, between func([]string)) []string {
					return allPages(e, iam.NewListPoliciesPaginator(e.IAM, &iam.ListPoliciesInput{MaxItems: most, Scope: iamtypes.PolicyScopeTypeLocal}), most, func(o *iam.ListPoliciesOutput) []string {
						return each(o.Policies, func(p iamtypes.Policy) string { return *p.PolicyName })
					}, between)
				},
			},
		} {
			for _, most := range []int32{1, 2, 3} {
				for _, name := range mixed {
					of.create(name)
				}
				order := inOrder(mixed)
				// What was shown is deleted, and with the first page the next to last of all, which is then not seen.
				gone := order[len(order)-2]
				first := true
				got := of.walk(&most, func(shown []string) {
					for _, name := range shown {
						of.delete(name)
					}
					if first {
						of.delete(gone)
						first = false
					}
				})
				want := slices.DeleteFunc(slices.Clone(order), func(name string) bool { return name == gone })
				same(e, fmt.Sprintf("%s by %d", of.kind, most), got, want)
			}
		}
	})
}
