package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestPolicyDataSource_ReadsByNameAndARN(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		planFails(`data "iam_policy" "p" { name = "boundary" }`, `Not found: policy boundary.*There is no account at`),
		expectOutput(`data "iam_policy" "p" { name = "boundary" }`,
			`[data.iam_policy.p.arn, data.iam_policy.p.description, data.iam_policy.p.policy]`,
			stringTuple(accountARN+"policy/b/boundary", "most", exampleDocument), a.populate),
		expectOutput(`data "iam_policy" "p" { arn = "`+accountARN+`policy/b/boundary" }`, `data.iam_policy.p.name`,
			knownvalue.StringExact("boundary")),
		planFails(`data "iam_policy" "p" { name = "none" }`, `Not found: policy none`),
	)
}
