package provider

import (
	"testing"
)

func TestGroupList_ReturnsResources(t *testing.T) {
	testList(t, "iam_group", map[listRequest]string{
		{limit: 100, resource: true}: "readers=readers=" + accountARN + "group/readers ",
	})
}
