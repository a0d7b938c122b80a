package provider

import (
	"testing"
)

func TestRolePoliciesExclusiveResource_Lifecycle(t *testing.T) {
	testExclusiveInlinePolicies(t, "role")
}

func TestRolePoliciesExclusiveResource_RejectsInvalidMember(t *testing.T) {
	testInvalidInlinePolicyNames(t, "role")
}
