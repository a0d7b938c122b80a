package provider

import (
	"testing"
)

func TestRolePolicyResource_Lifecycle(t *testing.T) { testInlinePolicy(t, "role") }
