package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestGroupsDataSource_ReturnsARNs(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		expectOutput(`data "iam_groups" "g" {}`, `length(data.iam_groups.g.names)`, knownvalue.Int64Exact(0)),
		expectOutput(`data "iam_groups" "g" {}`, `data.iam_groups.g.arns`, stringTuple(accountARN+"group/readers"),
			a.populate),
		expectOutput(`data "iam_groups" "g" { path_prefix = "/other/" }`, `length(data.iam_groups.g.names)`,
			knownvalue.Int64Exact(0)),
	)
}
