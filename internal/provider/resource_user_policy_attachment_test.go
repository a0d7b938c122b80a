package provider

import (
	"testing"
)

func TestUserPolicyAttachmentResource_Lifecycle(t *testing.T) { testPolicyAttachment(t, "user") }
