package escalation

import "github.com/iam-as-code/terraform-provider-iam/internal/authz"

// The actions of the steps.
var (
	createAccessKey    = step("iam:CreateAccessKey")
	deleteAccessKey    = step("iam:DeleteAccessKey")
	updateAccessKey    = step("iam:UpdateAccessKey")
	createLoginProfile = step("iam:CreateLoginProfile")
	updateLoginProfile = step("iam:UpdateLoginProfile")

	assumeRole             = step("sts:AssumeRole")
	assumeRoleWithSAML     = step("sts:AssumeRoleWithSAML")
	assumeRoleWithToken    = step("sts:AssumeRoleWithWebIdentity")
	updateAssumeRolePolicy = step("iam:UpdateAssumeRolePolicy")
	updateSAMLProvider     = step("iam:UpdateSAMLProvider")
	addClientID            = step("iam:AddClientIDToOpenIDConnectProvider")

	putUserPolicy  = step("iam:PutUserPolicy")
	putGroupPolicy = step("iam:PutGroupPolicy")
	putRolePolicy  = step("iam:PutRolePolicy")

	attachUserPolicy  = step("iam:AttachUserPolicy")
	attachGroupPolicy = step("iam:AttachGroupPolicy")
	attachRolePolicy  = step("iam:AttachRolePolicy")

	createPolicyVersion     = step("iam:CreatePolicyVersion")
	deletePolicyVersion     = step("iam:DeletePolicyVersion")
	setDefaultPolicyVersion = step("iam:SetDefaultPolicyVersion")

	addUserToGroup      = step("iam:AddUserToGroup")
	removeUserFromGroup = step("iam:RemoveUserFromGroup")

	putUserBoundary    = step("iam:PutUserPermissionsBoundary")
	putRoleBoundary    = step("iam:PutRolePermissionsBoundary")
	deleteUserBoundary = step("iam:DeleteUserPermissionsBoundary")
	deleteRoleBoundary = step("iam:DeleteRolePermissionsBoundary")

	detachUserPolicy  = step("iam:DetachUserPolicy")
	detachGroupPolicy = step("iam:DetachGroupPolicy")
	detachRolePolicy  = step("iam:DetachRolePolicy")
	deleteUserPolicy  = step("iam:DeleteUserPolicy")
	deleteGroupPolicy = step("iam:DeleteGroupPolicy")
	deleteRolePolicy  = step("iam:DeleteRolePolicy")

	createVirtualMFADevice = step("iam:CreateVirtualMFADevice")
	enableMFADevice        = step("iam:EnableMFADevice")

	tagUser = step("iam:TagUser")
	tagRole = step("iam:TagRole")

	passRole = step("iam:PassRole")
)

// stepActions are the actions of the steps, and actionBits their places in an actionSet.
var (
	stepActions []authz.Action
	actionBits  = map[string]actionSet{}
)

func step(text string) authz.Action {
	action := authz.MustAction(text)
	actionBits[text] = 1 << len(stepActions)
	stepActions = append(stepActions, action)
	return action
}
