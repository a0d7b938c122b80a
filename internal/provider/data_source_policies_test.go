package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestPoliciesDataSource_ReturnsNames(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		expectOutput(`data "iam_policies" "p" {}`, `length(data.iam_policies.p.names)`, knownvalue.Int64Exact(0)),
		expectOutput(`data "iam_policies" "p" {}`, `data.iam_policies.p.names`, stringTuple("boundary"), a.populate),
	)
}
