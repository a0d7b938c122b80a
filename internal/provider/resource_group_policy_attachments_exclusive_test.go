package provider

import (
	"testing"
)

func TestGroupPolicyAttachmentsExclusiveResource_Lifecycle(t *testing.T) {
	testExclusiveAttachments(t, "group")
}

func TestGroupPolicyAttachmentsExclusiveResource_AtLimit(t *testing.T) {
	testExclusiveAttachmentsAtLimit(t, "group")
}

func TestGroupPolicyAttachmentsExclusiveResource_InvalidMember(t *testing.T) {
	testInvalidAttachments(t, "group")
}
