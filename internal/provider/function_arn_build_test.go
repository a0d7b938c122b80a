package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestARNBuildFunction_ARN(t *testing.T) {
	outputs(t, `output "built" { value = provider::iam::arn_build("aws", "s3", "", "", "bucket/a:b") }
`, map[string]knownvalue.Check{
		"built": knownvalue.StringExact("arn:aws:s3:::bucket/a:b"),
	})
}

func TestARNBuildFunction_ArgumentErrors(t *testing.T) {
	testArgumentErrors(t, newARNBuild, map[string]argumentError{
		"colon in ARN": {hclTuple{"aws", "iam", "a:b", "", "x"}, 2, []string{"a:b"}},
	})
}
