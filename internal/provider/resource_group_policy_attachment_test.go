package provider

import (
	"testing"
)

func TestGroupPolicyAttachmentResource_Lifecycle(t *testing.T) { testPolicyAttachment(t, "group") }
