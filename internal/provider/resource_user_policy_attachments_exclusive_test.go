package provider

import (
	"testing"
)

func TestUserPolicyAttachmentsExclusiveResource_Lifecycle(t *testing.T) {
	testExclusiveAttachments(t, "user")
}

func TestUserPolicyAttachmentsExclusiveResource_ReplacesMembersAtLimit(t *testing.T) {
	testExclusiveAttachmentsAtLimit(t, "user")
}

func TestUserPolicyAttachmentsExclusiveResource_RejectsInvalidMember(t *testing.T) {
	testInvalidAttachments(t, "user")
}
