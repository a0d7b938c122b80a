package provider

import (
	"testing"
)

func TestGroupPoliciesExclusiveResource_Lifecycle(t *testing.T) {
	testExclusiveInlinePolicies(t, "group")
}

func TestGroupPoliciesExclusiveResource_RejectsInvalidMember(t *testing.T) {
	testInvalidInlinePolicyNames(t, "group")
}
