package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestRolesDataSource_PathPrefix(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		outputIs(`data "iam_roles" "r" {}`, `length(data.iam_roles.r.names)`, knownvalue.Int64Exact(0)),
		outputIs(`data "iam_roles" "r" { path_prefix = "/ci/" }`, `data.iam_roles.r.names`, texts("deploy"), a.populate),
	)
}
