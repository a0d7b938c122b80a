package contract

import (
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func boundaries(e *env) {
	one, two := e.policy("one", allow("iam:Get*", "*")), e.policy("two", allow("iam:List*", "*"))
	e.part("a user's is set, replaced and removed", func(e *env) {
		anna := e.userWith("anna", allow("iam:*", "*"))
		ok(anna, IAM.ListUsers, &iam.ListUsersInput{})
		get := func() *iamtypes.AttachedPermissionsBoundary {
			return ok(e, IAM.GetUser, &iam.GetUserInput{UserName: new("anna")}).User.PermissionsBoundary
		}
		ok(e, IAM.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: new("anna"), PermissionsBoundary: &one})
		same(e, "set", *get().PermissionsBoundaryArn, one)
		ok(anna, IAM.GetUser, &iam.GetUserInput{})
		refused(anna, IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied", "because no permissions boundary allows the iam:ListUsers action")
		ok(e, IAM.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: new("anna"), PermissionsBoundary: &two})
		same(e, "replaced", *get().PermissionsBoundaryArn, two)
		ok(anna, IAM.ListUsers, &iam.ListUsersInput{})
		refused(anna, IAM.GetUser, &iam.GetUserInput{}, "AccessDenied")
		ok(e, IAM.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("anna")})
		holds(e, get() == nil, "the boundary is still there")
		ok(anna, IAM.GetUser, &iam.GetUserInput{})
	})
	e.part("a role's is set and removed", func(e *env) {
		e.role("r")
		ok(e, IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("p"), PolicyDocument: new(allow("iam:*", "*"))})
		ok(e, IAM.PutRolePermissionsBoundary, &iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: &one})
		same(e, "set", *ok(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("r")}).Role.PermissionsBoundary.PermissionsBoundaryArn, one)
		bert := e.userWith("bert", allow("sts:AssumeRole", e.arn("role/r")))
		session := bert.assume(&sts.AssumeRoleInput{RoleArn: new(e.arn("role/r"))})
		ok(session, IAM.GetRole, &iam.GetRoleInput{RoleName: new("r")})
		refused(session, IAM.ListRoles, &iam.ListRolesInput{}, "AccessDenied", "because no permissions boundary allows the iam:ListRoles action")
		ok(e, IAM.DeleteRolePermissionsBoundary, &iam.DeleteRolePermissionsBoundaryInput{RoleName: new("r")})
		holds(e, ok(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("r")}).Role.PermissionsBoundary == nil, "the boundary is still there")
		ok(session, IAM.ListRoles, &iam.ListRolesInput{})
	})
	e.part("a boundary grants nothing", func(e *env) {
		ok(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("carl"), PermissionsBoundary: &one})
		refused(e.with(e.key("carl")), IAM.GetUser, &iam.GetUserInput{}, "AccessDenied", "because no identity-based policy allows the iam:GetUser action")
	})
	e.part("what is refused", func(e *env) {
		missing := new(e.arn("policy/missing"))
		refused(e, IAM.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: new("anna"), PermissionsBoundary: missing}, "NoSuchEntity")
		refused(e, IAM.PutRolePermissionsBoundary, &iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: missing}, "NoSuchEntity")
		refused(e, IAM.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: new("nobody"), PermissionsBoundary: &one}, "NoSuchEntity")
		refused(e, IAM.PutRolePermissionsBoundary, &iam.PutRolePermissionsBoundaryInput{RoleName: new("none"), PermissionsBoundary: &one}, "NoSuchEntity")
		refused(e, IAM.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("nobody")}, "NoSuchEntity")
		refused(e, IAM.DeleteRolePermissionsBoundary, &iam.DeleteRolePermissionsBoundaryInput{RoleName: new("none")}, "NoSuchEntity")
	})
}
