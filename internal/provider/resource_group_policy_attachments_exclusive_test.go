package provider

import (
	"testing"
)

func TestGroupPolicyAttachmentsExclusiveResource_Lifecycle(t *testing.T) {
	testExclusiveAttachments(t, "group")
}

func TestGroupPolicyAttachmentsExclusiveResource_ReplacesMembersAtLimit(t *testing.T) {
	testExclusiveAttachmentsAtLimit(t, "group")
}

func TestGroupPolicyAttachmentsExclusiveResource_RejectsInvalidMember(t *testing.T) {
	testInvalidAttachments(t, "group")
}
