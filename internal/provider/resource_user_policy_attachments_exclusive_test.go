package provider

import (
	"testing"
)

func TestUserPolicyAttachmentsExclusiveResource_Lifecycle(t *testing.T) {
	testExclusiveAttachments(t, "user")
}

func TestUserPolicyAttachmentsExclusiveResource_AtLimit(t *testing.T) {
	testExclusiveAttachmentsAtLimit(t, "user")
}

func TestUserPolicyAttachmentsExclusiveResource_InvalidMember(t *testing.T) {
	testInvalidAttachments(t, "user")
}
