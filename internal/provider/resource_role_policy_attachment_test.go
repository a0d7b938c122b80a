package provider

import (
	"testing"
)

func TestRolePolicyAttachmentResource_Lifecycle(t *testing.T) { testPolicyAttachment(t, "role") }
