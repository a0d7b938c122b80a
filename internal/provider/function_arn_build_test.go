package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestARNBuildFunction_JoinsFields(t *testing.T) {
	testOutputs(t, `output "built" { value = provider::iam::arn_build("aws", "s3", "", "", "bucket/a:b") }
`, map[string]knownvalue.Check{
		"built": knownvalue.StringExact("arn:aws:s3:::bucket/a:b"),
	})
}

func TestARNBuildFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newARNBuild, map[string]argumentError{
		"colon in region": {hclTuple{"aws", "iam", "a:b", "", "x"}, 2, []string{"a:b"}},
	})
}
