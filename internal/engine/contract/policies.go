package contract

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// notAPolicy is an ARN, and long enough, but no policy's. notAnARN is none.
const (
	notAPolicy = "arn:aws:iam::111122223333:user/somebody"
	notAnARN   = "this-is-long-enough-but-no-arn"
)

func policies(e *env) {
	text := allow("s3:GetObject", "arn:aws:s3:::b/*")

	e.part("what was made is answered", func(e *env) {
		made := ok(e, IAM.CreatePolicy, &iam.CreatePolicyInput{
			PolicyName: new("Read"), Path: new("/team/"), Description: new("reads"), PolicyDocument: &text, Tags: []iamtypes.Tag{tag("team", "a")},
		}).Policy
		holds(e, uniqueID["policy"].MatchString(*made.PolicyId), "the id is %s", *made.PolicyId)
		same(e, "ARN", *made.Arn, e.arn("policy/team/Read"))
		found := ok(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: made.Arn}).Policy
		same(e, "GetPolicy", found, &iamtypes.Policy{
			PolicyName: new("Read"), Path: new("/team/"), Arn: made.Arn, PolicyId: made.PolicyId, Description: new("reads"),
			CreateDate: made.CreateDate, UpdateDate: made.CreateDate, DefaultVersionId: new("v1"), IsAttachable: true,
			AttachmentCount: new(int32(0)), PermissionsBoundaryUsageCount: new(int32(0)), Tags: []iamtypes.Tag{tag("team", "a")},
		})
		version := ok(e, IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: made.Arn, VersionId: new("v1")}).PolicyVersion
		same(e, "document", decoded(e, version.Document), text)
		holds(e, version.IsDefaultVersion, "the first version is not the default")
	})

	e.part("a description may be missing", func(e *env) {
		found := ok(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: new(e.policy("plain", text))}).Policy
		same(e, "ARN", *found.Arn, e.arn("policy/plain"))
	})

	e.part("what is refused", func(e *env) {
		refused(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: new("READ"), PolicyDocument: &text}, "EntityAlreadyExists",
			"A policy called READ already exists. Duplicate names are not allowed.")
		refused(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: new("new"), PolicyDocument: &text, Tags: []iamtypes.Tag{tag("a", "1"), tag("A", "2")}},
			"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		refused(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: new(e.arn("policy/new"))}, "NoSuchEntity", "Policy "+e.arn("policy/new")+" was not found.")
		refused(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: new(e.arn("policy/Read"))}, "NoSuchEntity") // its path is another
		refused(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: new(e.arn("policy/new"))}, "NoSuchEntity", "Policy "+e.arn("policy/new")+" was not found.")
	})

	e.part("every operation that takes a policy's ARN wants a policy's", func(e *env) {
		e.user("u")
		e.group("g")
		e.role("r")
		for arn, code := range map[string]string{notAPolicy: "InvalidInput", notAnARN: "ValidationError"} {
			refused(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: &arn}, code)
			refused(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: &arn}, code)
			refused(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: &text}, code)
			refused(e, IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")}, code)
			refused(e, IAM.ListPolicyVersions, &iam.ListPolicyVersionsInput{PolicyArn: &arn}, code)
			refused(e, IAM.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")}, code)
			refused(e, IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")}, code)
			refused(e, IAM.ListEntitiesForPolicy, &iam.ListEntitiesForPolicyInput{PolicyArn: &arn}, code)
			refused(e, IAM.TagPolicy, &iam.TagPolicyInput{PolicyArn: &arn, Tags: []iamtypes.Tag{tag("a", "b")}}, code)
			refused(e, IAM.UntagPolicy, &iam.UntagPolicyInput{PolicyArn: &arn, TagKeys: []string{"a"}}, code)
			refused(e, IAM.ListPolicyTags, &iam.ListPolicyTagsInput{PolicyArn: &arn}, code)
			refused(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("u"), PolicyArn: &arn}, code)
			refused(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: new("g"), PolicyArn: &arn}, code)
			refused(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: &arn}, code)
			refused(e, IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: new("u"), PolicyArn: &arn}, code)
			refused(e, IAM.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: new("g"), PolicyArn: &arn}, code)
			refused(e, IAM.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: &arn}, code)
			refused(e, IAM.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: new("u"), PermissionsBoundary: &arn}, code)
			refused(e, IAM.PutRolePermissionsBoundary, &iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: &arn}, code)
		}
	})

	e.part("lists know path, scope and use, and leave out tags", func(e *env) {
		e.policy("bound", allow("*", "*"))
		ok(e, IAM.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: new("u"), PermissionsBoundary: new(e.arn("policy/bound"))})
		ok(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("u"), PolicyArn: new(e.arn("policy/team/Read"))})
		for _, want := range []struct {
			what  string
			in    iam.ListPoliciesInput
			names []string
		}{
			{"the account's own", iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal}, []string{"bound", "plain", "Read"}},
			{"under a path", iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal, PathPrefix: new("/team/")}, []string{"Read"}},
			{"under no path", iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal, PathPrefix: new("/none/")}, []string{}},
			{"in use", iam.ListPoliciesInput{OnlyAttached: true}, []string{"bound", "Read"}},
			{"in use for permissions", iam.ListPoliciesInput{OnlyAttached: true, PolicyUsageFilter: iamtypes.PolicyUsageTypePermissionsPolicy}, []string{"Read"}},
			{"in use as boundary", iam.ListPoliciesInput{OnlyAttached: true, PolicyUsageFilter: iamtypes.PolicyUsageTypePermissionsBoundary}, []string{"bound"}},
			{"of AWS and in use", iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeAws, OnlyAttached: true}, []string{}},
		} {
			found := ok(e, IAM.ListPolicies, &want.in).Policies
			same(e, want.what, each(found, func(p iamtypes.Policy) string { return *p.PolicyName }), want.names)
			for _, p := range found {
				holds(e, p.Tags == nil, "ListPolicies answers with the tags of %s", *p.PolicyName)
			}
		}
	})

	e.part("only what is in no use is deleted", func(e *env) {
		read, bound := e.arn("policy/team/Read"), e.arn("policy/bound")
		used := func(arn string) [2]int32 {
			p := ok(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: &arn}).Policy
			return [2]int32{*p.AttachmentCount, *p.PermissionsBoundaryUsageCount}
		}
		same(e, "use of a policy", used(read), [2]int32{1, 0})
		same(e, "use of a boundary", used(bound), [2]int32{0, 1})
		for _, arn := range []string{read, bound} {
			refused(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: &arn}, "DeleteConflict", "Cannot delete a policy")
		}
		ok(e, IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: new("u"), PolicyArn: &read})
		ok(e, IAM.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("u")})
		ok(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: &read, PolicyDocument: &text})
		refused(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: &read}, "DeleteConflict",
			"This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy")
		ok(e, IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: &read, VersionId: new("v2")})
		for _, arn := range []string{read, bound} {
			ok(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: &arn})
			refused(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: &arn}, "NoSuchEntity")
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
		return each(ok(e, IAM.ListPolicyVersions, &iam.ListPolicyVersionsInput{PolicyArn: arn}).Versions, func(v iamtypes.PolicyVersion) listed {
			holds(e, v.Document == nil, "ListPolicyVersions answers with documents")
			return listed{*v.VersionId, v.IsDefaultVersion}
		})
	}

	made := ok(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new(text(2))}).PolicyVersion
	same(e, "second version", listed{*made.VersionId, made.IsDefaultVersion}, listed{"v2", false})
	made = ok(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new(text(3)), SetAsDefault: true}).PolicyVersion
	same(e, "third version", listed{*made.VersionId, made.IsDefaultVersion}, listed{"v3", true})
	same(e, "versions", list(), []listed{{"v3", true}, {"v2", false}, {"v1", false}})
	for n := 1; n <= 3; n++ {
		id := fmt.Sprintf("v%d", n)
		found := ok(e, IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: &id}).PolicyVersion
		same(e, id, decoded(e, found.Document), text(n))
	}

	ok(e, IAM.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: new("v2")})
	same(e, "default", *ok(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: arn}).Policy.DefaultVersionId, "v2")
	same(e, "versions", list(), []listed{{"v3", false}, {"v2", true}, {"v1", false}})
	refused(e, IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: new("v2")}, "DeleteConflict", "Cannot delete the default version of a policy.")

	for range 2 {
		ok(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new(text(4))})
	}
	refused(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new(text(4))}, "LimitExceeded",
		"A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
	ok(e, IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: new("v5")})
	made = ok(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new(text(6))}).PolicyVersion
	same(e, "a number is not used again", *made.VersionId, "v6")

	refused(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: new("{")}, "MalformedPolicyDocument")
	gone := new("v5")
	refused(e, IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: gone}, "NoSuchEntity", "Policy "+*arn+" version v5 does not exist or is not attachable.")
	refused(e, IAM.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: gone}, "NoSuchEntity")
	refused(e, IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: gone}, "NoSuchEntity")
	missing := new(e.arn("policy/missing"))
	refused(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: missing, PolicyDocument: new(text(1))}, "NoSuchEntity", "Policy "+*missing)
	refused(e, IAM.ListPolicyVersions, &iam.ListPolicyVersionsInput{PolicyArn: missing}, "NoSuchEntity", "Policy "+*missing)
}

func attachments(e *env) {
	for _, name := range []string{"zeta", "Alpha", "beta"} {
		e.policy(name, allow("s3:GetObject", "*"))
	}
	ok(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: new("deep"), Path: new("/p/q/"), PolicyDocument: new(allow("*", "*"))})
	e.user("u")
	e.group("g")
	e.role("r")

	// What may be attached to users, groups and roles is the same.
	for _, of := range []struct {
		kind           string
		attach, detach func(e *env, arn string, wanted ...string)
		list           func(e *env, prefix *string) []string
		nobody         func(e *env)
	}{
		{
			kind: "User",
			attach: func(e *env, arn string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("u"), PolicyArn: &arn}, wanted)
			},
			detach: func(e *env, arn string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: new("u"), PolicyArn: &arn}, wanted)
			},
			list: func(e *env, prefix *string) []string {
				return attachedNames(ok(e, IAM.ListAttachedUserPolicies, &iam.ListAttachedUserPoliciesInput{UserName: new("U"), PathPrefix: prefix}).AttachedPolicies)
			},
			nobody: func(e *env) {
				const message = "The user with name nobody cannot be found."
				refused(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity", message)
				refused(e, IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity", message)
				refused(e, IAM.ListAttachedUserPolicies, &iam.ListAttachedUserPoliciesInput{UserName: new("nobody")}, "NoSuchEntity", message)
			},
		},
		{
			kind: "Group",
			attach: func(e *env, arn string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: new("g"), PolicyArn: &arn}, wanted)
			},
			detach: func(e *env, arn string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: new("g"), PolicyArn: &arn}, wanted)
			},
			list: func(e *env, prefix *string) []string {
				return attachedNames(ok(e, IAM.ListAttachedGroupPolicies, &iam.ListAttachedGroupPoliciesInput{GroupName: new("G"), PathPrefix: prefix}).AttachedPolicies)
			},
			nobody: func(e *env) {
				const message = "The group with name nobody cannot be found."
				refused(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity", message)
				refused(e, IAM.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity", message)
				refused(e, IAM.ListAttachedGroupPolicies, &iam.ListAttachedGroupPoliciesInput{GroupName: new("nobody")}, "NoSuchEntity", message)
			},
		},
		{
			kind: "Role",
			attach: func(e *env, arn string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: &arn}, wanted)
			},
			detach: func(e *env, arn string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: &arn}, wanted)
			},
			list: func(e *env, prefix *string) []string {
				return attachedNames(ok(e, IAM.ListAttachedRolePolicies, &iam.ListAttachedRolePoliciesInput{RoleName: new("R"), PathPrefix: prefix}).AttachedPolicies)
			},
			nobody: func(e *env) {
				const message = "The role with name nobody cannot be found."
				refused(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity", message)
				refused(e, IAM.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: new("nobody"), PolicyArn: new(e.arn("policy/beta"))}, "NoSuchEntity", message)
				refused(e, IAM.ListAttachedRolePolicies, &iam.ListAttachedRolePoliciesInput{RoleName: new("nobody")}, "NoSuchEntity", message)
			},
		},
	} {
		e.part(of.kind, func(e *env) {
			same(e, "before", of.list(e, nil), []string{})
			for _, arn := range []string{"policy/zeta", "policy/Alpha", "policy/p/q/deep", "policy/beta", "policy/beta"} { // again is no error
				of.attach(e, e.arn(arn))
			}
			same(e, "attached", of.list(e, nil), []string{"Alpha", "beta", "deep", "zeta"})
			same(e, "attached under /p/", of.list(e, new("/p/")), []string{"deep"})
			same(e, "attached under /x/", of.list(e, new("/x/")), []string{})
			of.detach(e, e.arn("policy/beta"))
			of.detach(e, e.arn("policy/beta"), "NoSuchEntity", "Policy "+e.arn("policy/beta")+" was not found.")
			same(e, "detached", of.list(e, nil), []string{"Alpha", "deep", "zeta"})

			missing := e.arn("policy/missing")
			of.attach(e, missing, "NoSuchEntity", "Policy "+missing+" does not exist or is not attachable.")
			of.attach(e, "arn:aws:iam::210987654321:policy/foreign", "NoSuchEntity")
			of.nobody(e)

			for i := range 8 {
				name := fmt.Sprintf("%s%d", of.kind, i)
				arn := e.policy(name, allow("s3:GetObject", "*"))
				if i < 7 {
					of.attach(e, arn)
					continue
				}
				of.attach(e, arn, "LimitExceeded", "Cannot exceed quota for PoliciesPer"+of.kind+": 10")
				of.attach(e, e.arn("policy/zeta")) // which it has already
			}
		})
	}

	e.part("what a policy is attached to", func(e *env) {
		list := func(change func(in *iam.ListEntitiesForPolicyInput)) string {
			in := &iam.ListEntitiesForPolicyInput{PolicyArn: new(e.arn("policy/zeta"))}
			change(in)
			out := ok(e, IAM.ListEntitiesForPolicy, in)
			var found []string
			for _, u := range out.PolicyUsers {
				holds(e, uniqueID["user"].MatchString(*u.UserId), "the user's id is %s", *u.UserId)
				found = append(found, "user/"+*u.UserName)
			}
			for _, g := range out.PolicyGroups {
				holds(e, uniqueID["group"].MatchString(*g.GroupId), "the group's id is %s", *g.GroupId)
				found = append(found, "group/"+*g.GroupName)
			}
			for _, r := range out.PolicyRoles {
				holds(e, uniqueID["role"].MatchString(*r.RoleId), "the role's id is %s", *r.RoleId)
				found = append(found, "role/"+*r.RoleName)
			}
			return strings.Join(found, " ")
		}
		ok(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("bounded"), Path: new("/b/"), PermissionsBoundary: new(e.arn("policy/zeta"))})
		type in = iam.ListEntitiesForPolicyInput
		same(e, "all", list(func(*in) {}), "user/bounded user/u group/g role/r")
		same(e, "users", list(func(in *in) { in.EntityFilter = iamtypes.EntityTypeUser }), "user/bounded user/u")
		same(e, "groups", list(func(in *in) { in.EntityFilter = iamtypes.EntityTypeGroup }), "group/g")
		same(e, "roles", list(func(in *in) { in.EntityFilter = iamtypes.EntityTypeRole }), "role/r")
		same(e, "by permissions", list(func(in *in) { in.PolicyUsageFilter = iamtypes.PolicyUsageTypePermissionsPolicy }), "user/u group/g role/r")
		same(e, "by boundary", list(func(in *in) { in.PolicyUsageFilter = iamtypes.PolicyUsageTypePermissionsBoundary }), "user/bounded")
		same(e, "by path", list(func(in *in) { in.PathPrefix = new("/b/") }), "user/bounded")
		refused(e, IAM.ListEntitiesForPolicy, &in{PolicyArn: new(e.arn("policy/missing"))}, "NoSuchEntity", "Policy "+e.arn("policy/missing")+" was not found.")
	})
}

// outcomeOf calls an operation that must succeed where nothing is wanted, and otherwise fail with a code and a message.
func outcomeOf[C, I, O, P any](e *env, op operation[C, I, O, P], in *I, wanted []string) {
	e.Helper()
	if len(wanted) == 0 {
		ok(e, op, in)
		return
	}
	refused(e, op, in, wanted[0], wanted[1:]...)
}

func attachedNames(attached []iamtypes.AttachedPolicy) []string {
	return each(attached, func(p iamtypes.AttachedPolicy) string { return *p.PolicyName })
}
