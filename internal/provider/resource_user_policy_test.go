package provider

import (
	"testing"
)

func TestUserPolicyResource_Lifecycle(t *testing.T) { testInlinePolicy(t, "user") }
