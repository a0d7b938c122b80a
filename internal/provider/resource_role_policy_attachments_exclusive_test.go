package provider

import (
	"testing"
)

func TestRolePolicyAttachmentsExclusiveResource_Lifecycle(t *testing.T) {
	testExclusiveAttachments(t, "role")
}

func TestRolePolicyAttachmentsExclusiveResource_AtLimit(t *testing.T) {
	testExclusiveAttachmentsAtLimit(t, "role")
}

func TestRolePolicyAttachmentsExclusiveResource_InvalidMember(t *testing.T) {
	testInvalidAttachments(t, "role")
}
