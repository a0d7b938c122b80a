package provider

import (
	"testing"
)

func TestUserDataSource_ReturnsGroupsAndBoundary(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		planFails(`data "iam_user" "u" { user_name = "alice" }`, `Not found: user "alice".*There is no account at`),
		expectOutput(`data "iam_user" "u" { user_name = "alice" }`,
			`[data.iam_user.u.arn, data.iam_user.u.groups[0], data.iam_user.u.permissions_boundary]`,
			stringTuple(accountARN+"user/team/alice", "readers", accountARN+"policy/b/boundary"), a.populate),
		planFails(`data "iam_user" "u" { user_name = "nobody" }`, `Not found: user "nobody"`),
	)
}
