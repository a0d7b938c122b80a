package provider

import (
	"testing"
)

func TestRoleDataSource_ReturnsTrustAndPolicies(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		planFails(`data "iam_role" "r" { name = "deploy" }`, `Not found: role "deploy".*There is no account at`),
		expectOutput(`data "iam_role" "r" { name = "deploy" }`,
			`[data.iam_role.r.arn, data.iam_role.r.attached_policy_arns[0], `+
				`jsondecode(data.iam_role.r.assume_role_policy).Version]`,
			stringTuple(accountARN+"role/ci/deploy", accountARN+"policy/b/boundary", "2012-10-17"), a.populate),
		expectOutput(`data "iam_role" "r" { name = "deploy" }`, `[tostring(length(data.iam_role.r.role_last_used))]`,
			stringTuple("0")),
		planFails(`data "iam_role" "r" { name = "none" }`, `Not found: role "none"`),
	)
}
