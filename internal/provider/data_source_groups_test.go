package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestGroupsDataSource_ARNs(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		outputIs(`data "iam_groups" "g" {}`, `length(data.iam_groups.g.names)`, knownvalue.Int64Exact(0)),
		outputIs(`data "iam_groups" "g" {}`, `data.iam_groups.g.arns`, texts(accountARN+"group/readers"), a.populate),
		outputIs(`data "iam_groups" "g" { path_prefix = "/other/" }`, `length(data.iam_groups.g.names)`,
			knownvalue.Int64Exact(0)),
	)
}
