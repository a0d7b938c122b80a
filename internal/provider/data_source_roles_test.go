package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestRolesDataSource_FiltersByPathPrefix(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		expectOutput(`data "iam_roles" "r" {}`, `length(data.iam_roles.r.names)`, knownvalue.Int64Exact(0)),
		expectOutput(`data "iam_roles" "r" { path_prefix = "/ci/" }`, `data.iam_roles.r.names`, stringTuple("deploy"),
			a.populate),
	)
}
