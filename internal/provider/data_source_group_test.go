package provider

import (
	"testing"
)

func TestGroupDataSource_ReturnsUsersAndPolicies(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		planFails(`data "iam_group" "g" { group_name = "readers" }`, `Not found: group "readers".*There is no account at`),
		expectOutput(`data "iam_group" "g" { group_name = "readers" }`,
			`[data.iam_group.g.users[0].user_name, data.iam_group.g.inline_policy_names[0], data.iam_group.g.arn]`,
			stringTuple("alice", "read", accountARN+"group/readers"), a.populate),
		planFails(`data "iam_group" "g" { group_name = "nobody" }`, `Not found: group "nobody"`),
	)
}
