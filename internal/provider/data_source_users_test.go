package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestUsersDataSource_FiltersByPathAndName(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		expectOutput(`data "iam_users" "u" {}`, `length(data.iam_users.u.names)`, knownvalue.Int64Exact(0)),
		expectOutput(`
data "iam_users" "all" { path_prefix = "/many/" }
data "iam_users" "some" { name_regex = "^(alice|user-119)$" }
`, `concat([length(data.iam_users.all.names)], data.iam_users.some.names)`, tuple(120, "alice", "user-119"), func() {
			a.populate()
			a.populateUsers(120) // more than one page
		}),
		planFails(`data "iam_users" "u" { name_regex = "(" }`, `Invalid regular expression`),
	)
}
