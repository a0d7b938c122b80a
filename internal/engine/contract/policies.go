package contract

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// notAPolicy is an ARN of sufficient length that belongs to no policy. notAnARN is not an ARN.
const (
	notAPolicy = "arn:aws:iam::111122223333:user/somebody"
	notAnARN   = "this-is-long-enough-but-no-arn"
)

func policies(e *env) {
	text := allow("s3:GetObject", "arn:aws:s3:::b/*")

	e.part("create and get", func(e *env) {
		created := succeed(e, IAM.CreatePolicy, &iam.CreatePolicyInput{
			PolicyName: new("Read"), Path: new("/team/"), Description: new("reads"), PolicyDocument: &text,
			Tags: []iamtypes.Tag{tag("team", "a")},
		}).Policy
		check(e, uniqueID["policy"].MatchString(*created.PolicyId), "the id is %s", *created.PolicyId)
		equal(e, "ARN", *created.Arn, e.arn("policy/team/Read"))
		found := succeed(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: created.Arn}).Policy
		equal(e, "GetPolicy", found, &iamtypes.Policy{
			PolicyName: new("Read"), Path: new("/team/"), Arn: created.Arn, PolicyId: created.PolicyId,
			Description: new("reads"),
			CreateDate:  created.CreateDate, UpdateDate: created.CreateDate, DefaultVersionId: new("v1"), IsAttachable: true,
			AttachmentCount: new(int32(0)), PermissionsBoundaryUsageCount: new(int32(0)), Tags: []iamtypes.Tag{tag("team", "a")},
		})
		version := succeed(e, IAM.GetPolicyVersion,
			&iam.GetPolicyVersionInput{PolicyArn: created.Arn, VersionId: new("v1")}).PolicyVersion
		equal(e, "document", decodeDocument(e, version.Document), text)
		check(e, version.IsDefaultVersion, "version v1 is not the default")
	})

	e.part("without a description", func(e *env) {
		found := succeed(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: new(e.policy("plain", text))}).Policy
		equal(e, "ARN", *found.Arn, e.arn("policy/plain"))
	})

	e.part("policy of AWS", func(e *env) {
		const arn = "arn:aws:iam::aws:policy/job-function/Billing"
		found := succeed(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: new(arn)}).Policy
		equal(e, "path and name", *found.Path+*found.PolicyName, "/job-function/Billing")
		version := succeed(e, IAM.GetPolicyVersion,
			&iam.GetPolicyVersionInput{PolicyArn: new(arn), VersionId: found.DefaultVersionId}).PolicyVersion
		check(e, version.IsDefaultVersion && strings.Contains(decodeDocument(e, version.Document), "billing:"),
			"the version is %+v", version)
		listed := succeed(e, IAM.ListPolicies,
			&iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeAws, PathPrefix: new("/job-function/")}).Policies
		check(e, strings.Contains(strings.Join(collect(listed, func(p iamtypes.Policy) string { return *p.Arn }), " "), arn),
			"ListPolicies returned %+v", listed)
		fail(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: new(arn)}, "AccessDenied")
		fail(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: new(arn), PolicyDocument: &text},
			"AccessDenied")
		fail(e, IAM.TagPolicy, &iam.TagPolicyInput{PolicyArn: new(arn), Tags: []iamtypes.Tag{tag("a", "b")}}, "AccessDenied")
	})

	e.part("refused inputs", func(e *env) {
		fail(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: new("READ"), PolicyDocument: &text},
			"EntityAlreadyExists",
			"A policy called READ already exists. Duplicate names are not allowed.")
		fail(e, IAM.CreatePolicy,
			&iam.CreatePolicyInput{PolicyName: new("new"), PolicyDocument: &text,
				Tags: []iamtypes.Tag{tag("a", "1"), tag("A", "2")}},
			"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		fail(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: new(e.arn("policy/new"))}, "NoSuchEntity",
			"Policy "+e.arn("policy/new")+" was not found.")
		fail(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: new(e.arn("policy/Read"))}, "NoSuchEntity") // without the path
		fail(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: new(e.arn("policy/new"))}, "NoSuchEntity",
			"Policy "+e.arn("policy/new")+" was not found.")
	})

	e.part("ARN of something else", func(e *env) {
		e.user("u")
		e.group("g")
		e.role("r")
		for arn, code := range map[string]string{notAPolicy: "InvalidInput", notAnARN: "ValidationError"} {
			fail(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: &arn}, code)
			fail(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: &arn}, code)
			fail(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: &text}, code)
			fail(e, IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")}, code)
			fail(e, IAM.ListPolicyVersions, &iam.ListPolicyVersionsInput{PolicyArn: &arn}, code)
			fail(e, IAM.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")}, code)
			fail(e, IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")}, code)
			fail(e, IAM.ListEntitiesForPolicy, &iam.ListEntitiesForPolicyInput{PolicyArn: &arn}, code)
			fail(e, IAM.TagPolicy, &iam.TagPolicyInput{PolicyArn: &arn, Tags: []iamtypes.Tag{tag("a", "b")}}, code)
			fail(e, IAM.UntagPolicy, &iam.UntagPolicyInput{PolicyArn: &arn, TagKeys: []string{"a"}}, code)
			fail(e, IAM.ListPolicyTags, &iam.ListPolicyTagsInput{PolicyArn: &arn}, code)
			fail(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("u"), PolicyArn: &arn}, code)
			fail(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: new("g"), PolicyArn: &arn}, code)
			fail(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: &arn}, code)
			fail(e, IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: new("u"), PolicyArn: &arn}, code)
			fail(e, IAM.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: new("g"), PolicyArn: &arn}, code)
			fail(e, IAM.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: &arn}, code)
			fail(e, IAM.PutUserPermissionsBoundary,
				&iam.PutUserPermissionsBoundaryInput{UserName: new("u"), PermissionsBoundary: &arn}, code)
			fail(e, IAM.PutRolePermissionsBoundary,
				&iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: &arn}, code)
		}
	})

	e.part("filters of lists", func(e *env) {
		e.policy("bound", allow("*", "*"))
		succeed(e, IAM.PutUserPermissionsBoundary,
			&iam.PutUserPermissionsBoundaryInput{UserName: new("u"), PermissionsBoundary: new(e.arn("policy/bound"))})
		succeed(e, IAM.AttachUserPolicy,
			&iam.AttachUserPolicyInput{UserName: new("u"), PolicyArn: new(e.arn("policy/team/Read"))})
		for _, test := range []struct {
			name string
			in   iam.ListPoliciesInput
			want []string
		}{
			{"account's own policies", iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal},
				[]string{"bound", "plain", "Read"}},
			{"path prefix", iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal, PathPrefix: new("/team/")},
				[]string{"Read"}},
			{"path prefix without policies",
				iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal, PathPrefix: new("/none/")}, []string{}},
			{"attached policies", iam.ListPoliciesInput{OnlyAttached: true}, []string{"bound", "Read"}},
			{"attached for permissions",
				iam.ListPoliciesInput{OnlyAttached: true, PolicyUsageFilter: iamtypes.PolicyUsageTypePermissionsPolicy},
				[]string{"Read"}},
			{"attached as boundary",
				iam.ListPoliciesInput{OnlyAttached: true, PolicyUsageFilter: iamtypes.PolicyUsageTypePermissionsBoundary},
				[]string{"bound"}},
			{"attached AWS managed policies", iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeAws, OnlyAttached: true},
				[]string{}},
		} {
			found := succeed(e, IAM.ListPolicies, &test.in).Policies
			equal(e, test.name, collect(found, func(p iamtypes.Policy) string { return *p.PolicyName }), test.want)
			for _, p := range found {
				check(e, p.Tags == nil, "ListPolicies returned the tags of %s", *p.PolicyName)
			}
		}
	})

	e.part("delete a policy in use", func(e *env) {
		read, bound := e.arn("policy/team/Read"), e.arn("policy/bound")
		usage := func(arn string) [2]int32 {
			p := succeed(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: &arn}).Policy
			return [2]int32{*p.AttachmentCount, *p.PermissionsBoundaryUsageCount}
		}
		equal(e, "use of a policy", usage(read), [2]int32{1, 0})
		equal(e, "use of a boundary", usage(bound), [2]int32{0, 1})
		for _, arn := range []string{read, bound} {
			fail(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: &arn}, "DeleteConflict", "Cannot delete a policy")
		}
		succeed(e, IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: new("u"), PolicyArn: &read})
		succeed(e, IAM.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("u")})
		succeed(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: &read, PolicyDocument: &text})
		fail(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: &read}, "DeleteConflict",
			"This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The "+
				"default version is deleted with the policy")
		succeed(e, IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: &read, VersionId: new("v2")})
		for _, arn := range []string{read, bound} {
			succeed(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: &arn})
			fail(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: &arn}, "NoSuchEntity")
		}
	})
}

func versions(e *env) {
	text := func(n int) string { return allow("s3:GetObject", fmt.Sprintf("arn:aws:s3:::bucket%d/*", n)) }
	arn := new(e.policy("p", text(1)))
	type listed struct {
		id        string
		isDefault bool
	}
	list := func() []listed {
		return collect(succeed(e, IAM.ListPolicyVersions, &iam.ListPolicyVersionsInput{PolicyArn: arn}).Versions,
			func(v iamtypes.PolicyVersion) listed {
				check(e, v.Document == nil, "ListPolicyVersions returned a document")
				return listed{*v.VersionId, v.IsDefaultVersion}
			})
	}

	created := succeed(e, IAM.CreatePolicyVersion,
		&iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new(text(2))}).PolicyVersion
	equal(e, "second version", listed{*created.VersionId, created.IsDefaultVersion}, listed{"v2", false})
	created = succeed(e, IAM.CreatePolicyVersion,
		&iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new(text(3)), SetAsDefault: true}).PolicyVersion
	equal(e, "third version", listed{*created.VersionId, created.IsDefaultVersion}, listed{"v3", true})
	equal(e, "versions", list(), []listed{{"v3", true}, {"v2", false}, {"v1", false}})
	for n := 1; n <= 3; n++ {
		id := fmt.Sprintf("v%d", n)
		found := succeed(e, IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: &id}).PolicyVersion
		equal(e, id, decodeDocument(e, found.Document), text(n))
	}

	succeed(e, IAM.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: new("v2")})
	equal(e, "default", *succeed(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: arn}).Policy.DefaultVersionId, "v2")
	equal(e, "versions", list(), []listed{{"v3", false}, {"v2", true}, {"v1", false}})
	fail(e, IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: new("v2")}, "DeleteConflict",
		"Cannot delete the default version of a policy.")

	for range 2 {
		succeed(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new(text(4))})
	}
	fail(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new(text(4))},
		"LimitExceeded",
		"A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
	succeed(e, IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: new("v5")})
	created = succeed(e, IAM.CreatePolicyVersion,
		&iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new(text(6))}).PolicyVersion
	equal(e, "version after the deletion of v5", *created.VersionId, "v6")

	fail(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new("{")},
		"MalformedPolicyDocument")
	deleted := new("v5")
	fail(e, IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: deleted}, "NoSuchEntity",
		"Policy "+*arn+" version v5 does not exist or is not attachable.")
	fail(e, IAM.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: deleted},
		"NoSuchEntity")
	fail(e, IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: deleted}, "NoSuchEntity")
	missing := new(e.arn("policy/missing"))
	fail(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: missing, PolicyDocument: new(text(1))},
		"NoSuchEntity", "Policy "+*missing)
	fail(e, IAM.ListPolicyVersions, &iam.ListPolicyVersionsInput{PolicyArn: missing}, "NoSuchEntity", "Policy "+*missing)
}

func attachments(e *env) {
	for _, name := range []string{"zeta", "Alpha", "beta"} {
		e.policy(name, allow("s3:GetObject", "*"))
	}
	succeed(e, IAM.CreatePolicy,
		&iam.CreatePolicyInput{PolicyName: new("deep"), Path: new("/p/q/"), PolicyDocument: new(allow("*", "*"))})
	e.user("u")
	e.group("g")
	e.role("r")

	// Users, groups and roles have the same rules of attachment.
	for _, test := range []struct {
		kind           string
		attach, detach func(e *env, arn string, wantError ...string)
		list           func(e *env, prefix *string) []string
		failForMissing func(e *env)
	}{
		{
			kind: "User",
			attach: func(e *env, arn string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("u"), PolicyArn: &arn}, wantError)
			},
			detach: func(e *env, arn string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: new("u"), PolicyArn: &arn}, wantError)
			},
			list: func(e *env, prefix *string) []string {
				return attachedNames(succeed(e, IAM.ListAttachedUserPolicies,
					&iam.ListAttachedUserPoliciesInput{UserName: new("U"), PathPrefix: prefix}).AttachedPolicies)
			},
			failForMissing: func(e *env) {
				const message = "The user with name nobody cannot be found."
				fail(e, IAM.AttachUserPolicy,
					&iam.AttachUserPolicyInput{UserName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity", message)
				fail(e, IAM.DetachUserPolicy,
					&iam.DetachUserPolicyInput{UserName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity", message)
				fail(e, IAM.ListAttachedUserPolicies, &iam.ListAttachedUserPoliciesInput{UserName: new("nobody")}, "NoSuchEntity",
					message)
			},
		},
		{
			kind: "Group",
			attach: func(e *env, arn string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: new("g"), PolicyArn: &arn}, wantError)
			},
			detach: func(e *env, arn string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: new("g"), PolicyArn: &arn}, wantError)
			},
			list: func(e *env, prefix *string) []string {
				return attachedNames(succeed(e, IAM.ListAttachedGroupPolicies,
					&iam.ListAttachedGroupPoliciesInput{GroupName: new("G"), PathPrefix: prefix}).AttachedPolicies)
			},
			failForMissing: func(e *env) {
				const message = "The group with name nobody cannot be found."
				fail(e, IAM.AttachGroupPolicy,
					&iam.AttachGroupPolicyInput{GroupName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity",
					message)
				fail(e, IAM.DetachGroupPolicy,
					&iam.DetachGroupPolicyInput{GroupName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity",
					message)
				fail(e, IAM.ListAttachedGroupPolicies, &iam.ListAttachedGroupPoliciesInput{GroupName: new("nobody")},
					"NoSuchEntity", message)
			},
		},
		{
			kind: "Role",
			attach: func(e *env, arn string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: &arn}, wantError)
			},
			detach: func(e *env, arn string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: &arn}, wantError)
			},
			list: func(e *env, prefix *string) []string {
				return attachedNames(succeed(e, IAM.ListAttachedRolePolicies,
					&iam.ListAttachedRolePoliciesInput{RoleName: new("R"), PathPrefix: prefix}).AttachedPolicies)
			},
			failForMissing: func(e *env) {
				const message = "The role with name nobody cannot be found."
				fail(e, IAM.AttachRolePolicy,
					&iam.AttachRolePolicyInput{RoleName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity", message)
				fail(e, IAM.DetachRolePolicy,
					&iam.DetachRolePolicyInput{RoleName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity", message)
				fail(e, IAM.ListAttachedRolePolicies, &iam.ListAttachedRolePoliciesInput{RoleName: new("nobody")}, "NoSuchEntity",
					message)
			},
		},
	} {
		e.part(test.kind, func(e *env) {
			equal(e, "policies of a new identity", test.list(e, nil), []string{})
			// attaching a policy again succeeds
			for _, arn := range []string{"policy/zeta", "policy/Alpha", "policy/p/q/deep", "policy/beta", "policy/beta"} {
				test.attach(e, e.arn(arn))
			}
			equal(e, "attached", test.list(e, nil), []string{"Alpha", "beta", "deep", "zeta"})
			equal(e, "attached under /p/", test.list(e, new("/p/")), []string{"deep"})
			equal(e, "attached under /x/", test.list(e, new("/x/")), []string{})
			test.detach(e, e.arn("policy/beta"))
			test.detach(e, e.arn("policy/beta"), "NoSuchEntity", "Policy "+e.arn("policy/beta")+" was not found.")
			equal(e, "detached", test.list(e, nil), []string{"Alpha", "deep", "zeta"})

			missing := e.arn("policy/missing")
			test.attach(e, missing, "NoSuchEntity", "Policy "+missing+" does not exist or is not attachable.")
			test.attach(e, "arn:aws:iam::210987654321:policy/foreign", "NoSuchEntity")
			test.failForMissing(e)

			for i := range 8 {
				name := fmt.Sprintf("%s%d", test.kind, i)
				arn := e.policy(name, allow("s3:GetObject", "*"))
				if i < 7 {
					test.attach(e, arn)
					continue
				}
				test.attach(e, arn, "LimitExceeded", "Cannot exceed quota for PoliciesPer"+test.kind+": 10")
				test.attach(e, e.arn("policy/zeta")) // is already attached
			}
		})
	}

	e.part("entities of a policy", func(e *env) {
		list := func(change func(in *iam.ListEntitiesForPolicyInput)) string {
			in := &iam.ListEntitiesForPolicyInput{PolicyArn: new(e.arn("policy/zeta"))}
			change(in)
			out := succeed(e, IAM.ListEntitiesForPolicy, in)
			var found []string
			for _, u := range out.PolicyUsers {
				check(e, uniqueID["user"].MatchString(*u.UserId), "the user's id is %s", *u.UserId)
				found = append(found, "user/"+*u.UserName)
			}
			for _, g := range out.PolicyGroups {
				check(e, uniqueID["group"].MatchString(*g.GroupId), "the group's id is %s", *g.GroupId)
				found = append(found, "group/"+*g.GroupName)
			}
			for _, r := range out.PolicyRoles {
				check(e, uniqueID["role"].MatchString(*r.RoleId), "the role's id is %s", *r.RoleId)
				found = append(found, "role/"+*r.RoleName)
			}
			return strings.Join(found, " ")
		}
		succeed(e, IAM.CreateUser,
			&iam.CreateUserInput{UserName: new("bounded"), Path: new("/b/"), PermissionsBoundary: new(e.arn("policy/zeta"))})
		type in = iam.ListEntitiesForPolicyInput
		equal(e, "all", list(func(*in) {}), "user/bounded user/u group/g role/r")
		equal(e, "users", list(func(in *in) { in.EntityFilter = iamtypes.EntityTypeUser }), "user/bounded user/u")
		equal(e, "groups", list(func(in *in) { in.EntityFilter = iamtypes.EntityTypeGroup }), "group/g")
		equal(e, "roles", list(func(in *in) { in.EntityFilter = iamtypes.EntityTypeRole }), "role/r")
		equal(e, "by permissions", list(func(in *in) { in.PolicyUsageFilter = iamtypes.PolicyUsageTypePermissionsPolicy }),
			"user/u group/g role/r")
		equal(e, "by boundary", list(func(in *in) { in.PolicyUsageFilter = iamtypes.PolicyUsageTypePermissionsBoundary }),
			"user/bounded")
		equal(e, "by path", list(func(in *in) { in.PathPrefix = new("/b/") }), "user/bounded")
		fail(e, IAM.ListEntitiesForPolicy, &in{PolicyArn: new(e.arn("policy/missing"))}, "NoSuchEntity",
			"Policy "+e.arn("policy/missing")+" was not found.")
	})
}

// outcomeOf calls an operation. It must succeed if wantError is empty. Otherwise it must fail, and wantError
// has the code and parts of the message.
func outcomeOf[C, I, O, P any](e *env, op operation[C, I, O, P], in *I, wantError []string) {
	e.Helper()
	if len(wantError) == 0 {
		succeed(e, op, in)
		return
	}
	fail(e, op, in, wantError[0], wantError[1:]...)
}

// attachedNames returns the names of attached policies.
func attachedNames(attached []iamtypes.AttachedPolicy) []string {
	return collect(attached, func(p iamtypes.AttachedPolicy) string { return *p.PolicyName })
}
