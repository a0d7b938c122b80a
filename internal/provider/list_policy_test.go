package provider

import (
	"testing"
)

func TestPolicyList_ReturnsResources(t *testing.T) {
	const arn = accountARN + "policy/b/boundary"
	testList(t, "iam_policy", map[listRequest]string{{limit: 100, resource: true}: "boundary=" + arn + "=" + arn + " "})
}
