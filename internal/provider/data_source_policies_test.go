package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestPoliciesDataSource_Names(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		outputIs(`data "iam_policies" "p" {}`, `length(data.iam_policies.p.names)`, knownvalue.Int64Exact(0)),
		outputIs(`data "iam_policies" "p" {}`, `data.iam_policies.p.names`, texts("boundary"), a.populate),
	)
}
