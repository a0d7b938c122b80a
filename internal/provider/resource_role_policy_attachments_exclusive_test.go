package provider

import (
	"testing"
)

func TestRolePolicyAttachmentsExclusiveResource_Lifecycle(t *testing.T) {
	testExclusiveAttachments(t, "role")
}

func TestRolePolicyAttachmentsExclusiveResource_ReplacesMembersAtLimit(t *testing.T) {
	testExclusiveAttachmentsAtLimit(t, "role")
}

func TestRolePolicyAttachmentsExclusiveResource_RejectsInvalidMember(t *testing.T) {
	testInvalidAttachments(t, "role")
}
