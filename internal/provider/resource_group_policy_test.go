package provider

import (
	"testing"
)

func TestGroupPolicyResource_Lifecycle(t *testing.T) { testInlinePolicy(t, "group") }
