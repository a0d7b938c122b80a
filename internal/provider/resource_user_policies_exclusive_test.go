package provider

import (
	"testing"
)

func TestUserPoliciesExclusiveResource_Lifecycle(t *testing.T) {
	testExclusiveInlinePolicies(t, "user")
}

func TestUserPoliciesExclusiveResource_RejectsInvalidMember(t *testing.T) {
	testInvalidInlinePolicyNames(t, "user")
}
