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

// allPages reads a list page by page and returns the names of all items. After each page, it calls afterPage with the
// names of that page.
func allPages[O, P any](e *env, list pager[O, P], maxItems *int32, names func(*O) []string,
	afterPage func(shown []string)) []string {
	e.Helper()
	all := []string{}
	for n := 0; list.HasMorePages(); n++ {
		if n > 1000 {
			e.Fatal("the list did not end after 1000 pages")
		}
		page, err := list.NextPage(e.Context())
		if err != nil {
			e.Fatal(err)
		}
		shown := names(page)
		check(e, len(shown) <= int(*maxItems), "a page has %d items, want at most %d", len(shown), *maxItems)
		all = append(all, shown...)
		if afterPage != nil {
			afterPage(shown)
		}
	}
	return all
}

// mixedCaseNames are names whose order is not the order of their bytes.
var mixedCaseNames = []string{"Zulu", "alpha", "Bravo", "charlie", "Delta", "echo", "yankee"}

// inOrder sorts names without regard to case.
func inOrder(names []string) []string {
	return slices.SortedFunc(slices.Values(names),
		func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
}

// paginators reads every list with the SDK's paginators.
func paginators(e *env) {
	var tags []iamtypes.Tag
	for _, name := range mixedCaseNames {
		tags = append(tags, tag(name, "v"))
	}
	succeed(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("Hub"), Tags: tags, Path: new("/hub/")})
	succeed(e, IAM.CreateRole,
		&iam.CreateRoleInput{RoleName: new("Hub"), Tags: tags, Path: new("/hub/"),
			AssumeRolePolicyDocument: new(trustPolicy(e.AccountID()))})
	succeed(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: new("Hub"), Path: new("/hub/")})
	hub := *succeed(e, IAM.CreatePolicy,
		&iam.CreatePolicyInput{PolicyName: new("Hub"), Tags: tags, Path: new("/hub/"),
			PolicyDocument: new(allow("*", "*"))}).Policy.Arn
	for range 4 {
		succeed(e, IAM.CreatePolicyVersion,
			&iam.CreatePolicyVersionInput{PolicyArn: &hub, PolicyDocument: new(allow("*", "*"))})
	}
	for _, name := range mixedCaseNames {
		document := new(allow("s3:GetObject", "arn:aws:s3:::"+name+"/*"))
		succeed(e, IAM.CreateUser, &iam.CreateUserInput{UserName: &name, Path: new("/list/")})
		succeed(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: &name, Path: new("/list/")})
		succeed(e, IAM.CreateRole,
			&iam.CreateRoleInput{RoleName: &name, Path: new("/list/"),
				AssumeRolePolicyDocument: new(trustPolicy(e.AccountID()))})
		arn := succeed(e, IAM.CreatePolicy,
			&iam.CreatePolicyInput{PolicyName: &name, Path: new("/list/"), PolicyDocument: document}).Policy.Arn
		succeed(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: &name, GroupName: new("Hub")})
		succeed(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: new("Hub"), GroupName: &name})
		succeed(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("Hub"), PolicyArn: arn})
		succeed(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: new("Hub"), PolicyArn: arn})
		succeed(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: new("Hub"), PolicyArn: arn})
		succeed(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: &hub})
		succeed(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: &name, PolicyArn: &hub})
		succeed(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: &hub})
		succeed(e, IAM.PutUserPolicy,
			&iam.PutUserPolicyInput{UserName: new("Hub"), PolicyName: &name, PolicyDocument: document})
		succeed(e, IAM.PutGroupPolicy,
			&iam.PutGroupPolicyInput{GroupName: new("Hub"), PolicyName: &name, PolicyDocument: document})
		succeed(e, IAM.PutRolePolicy,
			&iam.PutRolePolicyInput{RoleName: new("Hub"), PolicyName: &name, PolicyDocument: document})
		succeed(e, IAM.EnableMFADevice, e.device(name).enable(e, "Hub"))
	}
	keys := []string{e.key("Hub").AccessKeyID, e.key("Hub").AccessKeyID}
	tagged := e.device("tagged")
	succeed(e, IAM.TagMFADevice, &iam.TagMFADeviceInput{SerialNumber: &tagged.serial, Tags: tags})
	succeed(e, IAM.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: new("acme")})

	keysOf := func(tags []iamtypes.Tag) []string {
		return collect(tags, func(t iamtypes.Tag) string { return *t.Key })
	}
	decisions := func(results []iamtypes.EvaluationResult) []string {
		return collect(results, func(r iamtypes.EvaluationResult) string { return *r.EvalActionName })
	}
	list, hubName := new("/list/"), new("Hub")
	actions := []string{"s3:PutObject", "s3:GetObject", "iam:GetUser", "iam:ListUsers", "sts:AssumeRole"}
	prefixed := func(prefix string, names []string) []string {
		return collect(names, func(name string) string { return prefix + name })
	}

	for _, test := range []struct {
		name      string
		want      []string
		unordered bool // AWS does not document an order
		walk      func(e *env, maxItems *int32) []string
	}{
		{"ListUsers", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e, iam.NewListUsersPaginator(e.IAM, &iam.ListUsersInput{PathPrefix: list, MaxItems: maxItems}),
				maxItems,
				func(o *iam.ListUsersOutput) []string {
					return collect(o.Users, func(u iamtypes.User) string { return *u.UserName })
				}, nil)
		}},
		{"ListGroups", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e, iam.NewListGroupsPaginator(e.IAM, &iam.ListGroupsInput{PathPrefix: list, MaxItems: maxItems}),
				maxItems,
				func(o *iam.ListGroupsOutput) []string {
					return collect(o.Groups, func(g iamtypes.Group) string { return *g.GroupName })
				}, nil)
		}},
		{"ListRoles", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e, iam.NewListRolesPaginator(e.IAM, &iam.ListRolesInput{PathPrefix: list, MaxItems: maxItems}),
				maxItems,
				func(o *iam.ListRolesOutput) []string {
					return collect(o.Roles, func(r iamtypes.Role) string { return *r.RoleName })
				}, nil)
		}},
		{"ListPolicies", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListPoliciesPaginator(e.IAM,
					&iam.ListPoliciesInput{PathPrefix: list, Scope: iamtypes.PolicyScopeTypeLocal, MaxItems: maxItems}), maxItems,
				func(o *iam.ListPoliciesOutput) []string {
					return collect(o.Policies, func(p iamtypes.Policy) string { return *p.PolicyName })
				}, nil)
		}},
		{"GetGroup", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e, iam.NewGetGroupPaginator(e.IAM, &iam.GetGroupInput{GroupName: hubName, MaxItems: maxItems}),
				maxItems,
				func(o *iam.GetGroupOutput) []string {
					check(e, *o.Group.GroupName == "Hub", "a page without its group")
					return collect(o.Users, func(u iamtypes.User) string { return *u.UserName })
				}, nil)
		}},
		{"ListGroupsForUser", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListGroupsForUserPaginator(e.IAM, &iam.ListGroupsForUserInput{UserName: hubName, MaxItems: maxItems}),
				maxItems,
				func(o *iam.ListGroupsForUserOutput) []string {
					return collect(o.Groups, func(g iamtypes.Group) string { return *g.GroupName })
				}, nil)
		}},
		{"ListAttachedUserPolicies", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListAttachedUserPoliciesPaginator(e.IAM,
					&iam.ListAttachedUserPoliciesInput{UserName: hubName, MaxItems: maxItems}), maxItems,
				func(o *iam.ListAttachedUserPoliciesOutput) []string { return attachedNames(o.AttachedPolicies) }, nil)
		}},
		{"ListAttachedGroupPolicies", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListAttachedGroupPoliciesPaginator(e.IAM,
					&iam.ListAttachedGroupPoliciesInput{GroupName: hubName, MaxItems: maxItems}), maxItems,
				func(o *iam.ListAttachedGroupPoliciesOutput) []string { return attachedNames(o.AttachedPolicies) }, nil)
		}},
		{"ListAttachedRolePolicies", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListAttachedRolePoliciesPaginator(e.IAM,
					&iam.ListAttachedRolePoliciesInput{RoleName: hubName, MaxItems: maxItems}), maxItems,
				func(o *iam.ListAttachedRolePoliciesOutput) []string { return attachedNames(o.AttachedPolicies) }, nil)
		}},
		{"ListUserPolicies", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListUserPoliciesPaginator(e.IAM, &iam.ListUserPoliciesInput{UserName: hubName, MaxItems: maxItems}),
				maxItems,
				func(o *iam.ListUserPoliciesOutput) []string { return o.PolicyNames }, nil)
		}},
		{"ListGroupPolicies", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListGroupPoliciesPaginator(e.IAM, &iam.ListGroupPoliciesInput{GroupName: hubName, MaxItems: maxItems}),
				maxItems,
				func(o *iam.ListGroupPoliciesOutput) []string { return o.PolicyNames }, nil)
		}},
		{"ListRolePolicies", inOrder(mixedCaseNames), false, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListRolePoliciesPaginator(e.IAM, &iam.ListRolePoliciesInput{RoleName: hubName, MaxItems: maxItems}),
				maxItems,
				func(o *iam.ListRolePoliciesOutput) []string { return o.PolicyNames }, nil)
		}},
		{"ListPolicyVersions", []string{"v5", "v4", "v3", "v2", "v1"}, false, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListPolicyVersionsPaginator(e.IAM, &iam.ListPolicyVersionsInput{PolicyArn: &hub, MaxItems: maxItems}),
				maxItems,
				func(o *iam.ListPolicyVersionsOutput) []string {
					return collect(o.Versions, func(v iamtypes.PolicyVersion) string { return *v.VersionId })
				}, nil)
		}},
		{"ListEntitiesForPolicy",
			slices.Concat(prefixed("group/", mixedCaseNames), prefixed("role/", mixedCaseNames),
				prefixed("user/", mixedCaseNames)), true, func(e *env, maxItems *int32) []string {
				return allPages(e,
					iam.NewListEntitiesForPolicyPaginator(e.IAM, &iam.ListEntitiesForPolicyInput{PolicyArn: &hub, MaxItems: maxItems}),
					maxItems,
					func(o *iam.ListEntitiesForPolicyOutput) []string {
						return slices.Concat(
							collect(o.PolicyGroups, func(g iamtypes.PolicyGroup) string { return "group/" + *g.GroupName }),
							collect(o.PolicyRoles, func(r iamtypes.PolicyRole) string { return "role/" + *r.RoleName }),
							collect(o.PolicyUsers, func(u iamtypes.PolicyUser) string { return "user/" + *u.UserName }))
					}, nil)
			}},
		{"ListUserTags", mixedCaseNames, true, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListUserTagsPaginator(e.IAM, &iam.ListUserTagsInput{UserName: hubName, MaxItems: maxItems}), maxItems,
				func(o *iam.ListUserTagsOutput) []string { return keysOf(o.Tags) }, nil)
		}},
		{"ListRoleTags", mixedCaseNames, true, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListRoleTagsPaginator(e.IAM, &iam.ListRoleTagsInput{RoleName: hubName, MaxItems: maxItems}), maxItems,
				func(o *iam.ListRoleTagsOutput) []string { return keysOf(o.Tags) }, nil)
		}},
		{"ListPolicyTags", mixedCaseNames, true, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListPolicyTagsPaginator(e.IAM, &iam.ListPolicyTagsInput{PolicyArn: &hub, MaxItems: maxItems}), maxItems,
				func(o *iam.ListPolicyTagsOutput) []string { return keysOf(o.Tags) }, nil)
		}},
		{"ListMFADeviceTags", mixedCaseNames, true, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListMFADeviceTagsPaginator(e.IAM,
					&iam.ListMFADeviceTagsInput{SerialNumber: &tagged.serial, MaxItems: maxItems}), maxItems,
				func(o *iam.ListMFADeviceTagsOutput) []string { return keysOf(o.Tags) }, nil)
		}},
		{"ListMFADevices", prefixed(e.arn("mfa/"), mixedCaseNames), true, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListMFADevicesPaginator(e.IAM, &iam.ListMFADevicesInput{UserName: hubName, MaxItems: maxItems}), maxItems,
				func(o *iam.ListMFADevicesOutput) []string {
					return collect(o.MFADevices, func(d iamtypes.MFADevice) string { return *d.SerialNumber })
				}, nil)
		}},
		{"ListVirtualMFADevices", prefixed(e.arn("mfa/"), append([]string{"tagged"}, mixedCaseNames...)), true,
			func(e *env, maxItems *int32) []string {
				return allPages(e,
					iam.NewListVirtualMFADevicesPaginator(e.IAM, &iam.ListVirtualMFADevicesInput{MaxItems: maxItems}), maxItems,
					func(o *iam.ListVirtualMFADevicesOutput) []string {
						return collect(o.VirtualMFADevices, func(d iamtypes.VirtualMFADevice) string { return *d.SerialNumber })
					}, nil)
			}},
		{"ListAccessKeys", keys, true, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListAccessKeysPaginator(e.IAM, &iam.ListAccessKeysInput{UserName: hubName, MaxItems: maxItems}), maxItems,
				func(o *iam.ListAccessKeysOutput) []string {
					return collect(o.AccessKeyMetadata, func(k iamtypes.AccessKeyMetadata) string { return *k.AccessKeyId })
				}, nil)
		}},
		{"ListAccountAliases", []string{"acme"}, false, func(e *env, maxItems *int32) []string {
			return allPages(e, iam.NewListAccountAliasesPaginator(e.IAM, &iam.ListAccountAliasesInput{MaxItems: maxItems}),
				maxItems,
				func(o *iam.ListAccountAliasesOutput) []string { return o.AccountAliases }, nil)
		}},
		{"ListInstanceProfilesForRole", []string{}, false, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewListInstanceProfilesForRolePaginator(e.IAM,
					&iam.ListInstanceProfilesForRoleInput{RoleName: hubName, MaxItems: maxItems}), maxItems,
				func(o *iam.ListInstanceProfilesForRoleOutput) []string {
					return collect(o.InstanceProfiles, func(p iamtypes.InstanceProfile) string { return *p.InstanceProfileName })
				}, nil)
		}},
		{"GetAccountAuthorizationDetails", slices.Concat(
			prefixed("user/", append([]string{"Hub"}, mixedCaseNames...)),
			prefixed("group/", append([]string{"Hub"}, mixedCaseNames...)),
			prefixed("role/", append([]string{"Hub"}, mixedCaseNames...)),
			prefixed("policy/", append([]string{"Hub"}, mixedCaseNames...)),
		), true, func(e *env, maxItems *int32) []string {
			return allPages(e,
				iam.NewGetAccountAuthorizationDetailsPaginator(e.IAM, &iam.GetAccountAuthorizationDetailsInput{MaxItems: maxItems}),
				maxItems,
				func(o *iam.GetAccountAuthorizationDetailsOutput) []string {
					return slices.Concat(
						collect(o.UserDetailList, func(u iamtypes.UserDetail) string { return "user/" + *u.UserName }),
						collect(o.GroupDetailList, func(g iamtypes.GroupDetail) string { return "group/" + *g.GroupName }),
						collect(o.RoleDetailList, func(r iamtypes.RoleDetail) string { return "role/" + *r.RoleName }),
						collect(o.Policies, func(p iamtypes.ManagedPolicyDetail) string { return "policy/" + *p.PolicyName }))
				}, nil)
		}},
		{"SimulateCustomPolicy", actions, false, func(e *env, maxItems *int32) []string {
			return allPages(e, iam.NewSimulateCustomPolicyPaginator(e.IAM, &iam.SimulateCustomPolicyInput{
				PolicyInputList: []string{allow("*", "*")}, ActionNames: actions, MaxItems: maxItems,
			}), maxItems, func(o *iam.SimulateCustomPolicyOutput) []string { return decisions(o.EvaluationResults) }, nil)
		}},
		{"SimulatePrincipalPolicy", actions, false, func(e *env, maxItems *int32) []string {
			return allPages(e, iam.NewSimulatePrincipalPolicyPaginator(e.IAM, &iam.SimulatePrincipalPolicyInput{
				PolicySourceArn: new(e.arn("user/hub/Hub")), ActionNames: actions, MaxItems: maxItems,
			}), maxItems, func(o *iam.SimulatePrincipalPolicyOutput) []string { return decisions(o.EvaluationResults) }, nil)
		}},
	} {
		for _, maxItems := range []int32{1, 2, 1000} {
			e.part(fmt.Sprintf("%s by %d", test.name, maxItems), func(e *env) {
				got, want := test.walk(e, &maxItems), test.want
				if test.unordered {
					got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
				}
				equal(e, "items", got, want)
			})
		}
	}

	e.onNewService("deletions between pages", func(e *env) {
		for _, test := range []struct {
			kind   string
			create func(name string)
			delete func(name string)
			walk   func(maxItems *int32, afterPage func([]string)) []string
		}{
			{
				"users", func(name string) { e.user(name) },
				func(name string) { succeed(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: &name}) },
				func(maxItems *int32, afterPage func([]string)) []string {
					return allPages(e, iam.NewListUsersPaginator(e.IAM, &iam.ListUsersInput{MaxItems: maxItems}), maxItems,
						func(o *iam.ListUsersOutput) []string {
							return collect(o.Users, func(u iamtypes.User) string { return *u.UserName })
						}, afterPage)
				},
			},
			{
				"groups", func(name string) { e.group(name) },
				func(name string) { succeed(e, IAM.DeleteGroup, &iam.DeleteGroupInput{GroupName: &name}) },
				func(maxItems *int32, afterPage func([]string)) []string {
					return allPages(e, iam.NewListGroupsPaginator(e.IAM, &iam.ListGroupsInput{MaxItems: maxItems}), maxItems,
						func(o *iam.ListGroupsOutput) []string {
							return collect(o.Groups, func(g iamtypes.Group) string { return *g.GroupName })
						}, afterPage)
				},
			},
			{
				"policies", func(name string) { e.policy(name, allow("*", "*")) },
				func(name string) {
					succeed(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: new(e.arn("policy/" + name))})
				},
				func(maxItems *int32, afterPage func([]string)) []string {
					return allPages(e,
						iam.NewListPoliciesPaginator(e.IAM,
							&iam.ListPoliciesInput{MaxItems: maxItems, Scope: iamtypes.PolicyScopeTypeLocal}), maxItems,
						func(o *iam.ListPoliciesOutput) []string {
							return collect(o.Policies, func(p iamtypes.Policy) string { return *p.PolicyName })
						}, afterPage)
				},
			},
		} {
			for _, maxItems := range []int32{1, 2, 3} {
				for _, name := range mixedCaseNames {
					test.create(name)
				}
				order := inOrder(mixedCaseNames)
				// Delete each page's items. After the first page, also delete the last item but one, which must then not appear.
				deleted := order[len(order)-2]
				first := true
				got := test.walk(&maxItems, func(shown []string) {
					for _, name := range shown {
						test.delete(name)
					}
					if first {
						test.delete(deleted)
						first = false
					}
				})
				want := slices.DeleteFunc(slices.Clone(order), func(name string) bool { return name == deleted })
				equal(e, fmt.Sprintf("%s by %d", test.kind, maxItems), got, want)
			}
		}
	})
}
