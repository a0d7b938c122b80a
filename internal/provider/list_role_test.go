package provider

import (
	"testing"
)

func TestRoleList_ReturnsResources(t *testing.T) {
	testList(t, "iam_role", map[listRequest]string{
		{limit: 100, resource: true}: "deploy=deploy=" + accountARN + "role/ci/deploy ",
	})
}
