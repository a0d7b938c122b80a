package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestARNParseFunction_ReturnsFields(t *testing.T) {
	testOutputs(t, `
locals { role = provider::iam::arn_parse("arn:aws:iam::123456789012:role/a:b") }
output "parsed" {
  value = [local.role.partition, local.role.service, local.role.region, local.role.account_id, local.role.resource]
}
`, map[string]knownvalue.Check{
		"parsed": tuple("aws", "iam", "", "123456789012", "role/a:b"),
	})
}

func TestARNParseFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newARNParse, map[string]argumentError{
		"three fields": {hclTuple{"arn:aws:iam"}, 0, []string{"3 of the six fields"}},
	})
}
