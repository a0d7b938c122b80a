package contract

import (
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func boundaries(e *env) {
	one, two := e.policy("one", allow("iam:Get*", "*")), e.policy("two", allow("iam:List*", "*"))
	e.part("boundary of a user", func(e *env) {
		anna := e.userWith("anna", allow("iam:*", "*"))
		succeed(anna, IAM.ListUsers, &iam.ListUsersInput{})
		get := func() *iamtypes.AttachedPermissionsBoundary {
			return succeed(e, IAM.GetUser, &iam.GetUserInput{UserName: new("anna")}).User.PermissionsBoundary
		}
		succeed(e, IAM.PutUserPermissionsBoundary,
			&iam.PutUserPermissionsBoundaryInput{UserName: new("anna"), PermissionsBoundary: &one})
		equal(e, "boundary", *get().PermissionsBoundaryArn, one)
		succeed(anna, IAM.GetUser, &iam.GetUserInput{})
		fail(anna, IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied",
			"because no permissions boundary allows the iam:ListUsers action")
		succeed(e, IAM.PutUserPermissionsBoundary,
			&iam.PutUserPermissionsBoundaryInput{UserName: new("anna"), PermissionsBoundary: &two})
		equal(e, "boundary after its replacement", *get().PermissionsBoundaryArn, two)
		succeed(anna, IAM.ListUsers, &iam.ListUsersInput{})
		fail(anna, IAM.GetUser, &iam.GetUserInput{}, "AccessDenied")
		succeed(e, IAM.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("anna")})
		check(e, get() == nil, "the boundary still exists after its deletion")
		succeed(anna, IAM.GetUser, &iam.GetUserInput{})
	})
	e.part("boundary of a role", func(e *env) {
		e.role("r")
		succeed(e, IAM.PutRolePolicy,
			&iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("p"), PolicyDocument: new(allow("iam:*", "*"))})
		succeed(e, IAM.PutRolePermissionsBoundary,
			&iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: &one})
		equal(e, "boundary",
			*succeed(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("r")}).Role.PermissionsBoundary.PermissionsBoundaryArn, one)
		bert := e.userWith("bert", allow("sts:AssumeRole", e.arn("role/r")))
		session := bert.assume(&sts.AssumeRoleInput{RoleArn: new(e.arn("role/r"))})
		succeed(session, IAM.GetRole, &iam.GetRoleInput{RoleName: new("r")})
		fail(session, IAM.ListRoles, &iam.ListRolesInput{}, "AccessDenied",
			"because no permissions boundary allows the iam:ListRoles action")
		succeed(e, IAM.DeleteRolePermissionsBoundary, &iam.DeleteRolePermissionsBoundaryInput{RoleName: new("r")})
		check(e, succeed(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("r")}).Role.PermissionsBoundary == nil,
			"the boundary still exists after its deletion")
		succeed(session, IAM.ListRoles, &iam.ListRolesInput{})
	})
	e.part("boundary without identity policies", func(e *env) {
		succeed(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("carl"), PermissionsBoundary: &one})
		fail(e.actAs(e.key("carl")), IAM.GetUser, &iam.GetUserInput{}, "AccessDenied",
			"because no identity-based policy allows the iam:GetUser action")
	})
	e.part("refused inputs", func(e *env) {
		missing := new(e.arn("policy/missing"))
		fail(e, IAM.PutUserPermissionsBoundary,
			&iam.PutUserPermissionsBoundaryInput{UserName: new("anna"), PermissionsBoundary: missing}, "NoSuchEntity")
		fail(e, IAM.PutRolePermissionsBoundary,
			&iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: missing}, "NoSuchEntity")
		fail(e, IAM.PutUserPermissionsBoundary,
			&iam.PutUserPermissionsBoundaryInput{UserName: new("nobody"), PermissionsBoundary: &one}, "NoSuchEntity")
		fail(e, IAM.PutRolePermissionsBoundary,
			&iam.PutRolePermissionsBoundaryInput{RoleName: new("none"), PermissionsBoundary: &one}, "NoSuchEntity")
		fail(e, IAM.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("nobody")},
			"NoSuchEntity")
		fail(e, IAM.DeleteRolePermissionsBoundary, &iam.DeleteRolePermissionsBoundaryInput{RoleName: new("none")},
			"NoSuchEntity")
	})
}
