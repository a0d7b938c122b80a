package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

const publicConfig = `
locals {
  statement = { Sid = "Read", Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::reports/*" }
  everyone  = { Version = "2012-10-17", Statement = [merge(local.statement, { Principal = "*" })] }
  account = {
    Version   = "2012-10-17"
    Statement = [merge(local.statement, { Principal = { AWS = "123456789012" } })]
  }
  network = {
    Version = "2012-10-17"
    Statement = [merge(local.statement, {
      Principal = "*", Condition = { IpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }
    })]
  }
}
`

func TestCheckNoPublicAccessFunction_FindsPublicAccess(t *testing.T) {
	testOutputs(t, publicConfig+`
output "everyone" { value = provider::iam::check_no_public_access(local.everyone, "AWS::S3::Bucket") }
output "account" { value = provider::iam::check_no_public_access(local.account, "AWS::S3::Bucket").result }
output "network" { value = provider::iam::check_no_public_access(jsonencode(local.network), "AWS::S3::Bucket").result }
`, map[string]knownvalue.Check{
		"everyone": knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"result": knownvalue.StringExact("fail"),
			"reasons": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"policy": knownvalue.StringExact("policy"), "sid": knownvalue.StringExact("Read"),
			})}),
			"witness": knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"principal": knownvalue.NotNull(), "action": knownvalue.StringExact("s3:GetObject"),
			}),
		}),
		"account": knownvalue.StringExact("pass"),
		"network": knownvalue.StringExact("pass"),
	})
}

func TestCheckNoPublicAccessFunction_HandlesUnknownArgument(t *testing.T) {
	testUnknownOutputs(t, publicConfig+lateValues+policiesConfig+`
resource "terraform_data" "late_account" { input = jsonencode(local.account) }
output "unknown" {
  value = provider::iam::check_no_public_access(terraform_data.late_account.output, "AWS::S3::Bucket").result
}
output "certain" {
  value = provider::iam::check_no_public_access({ Version = "2012-10-17", Statement = [
    merge(local.statement, { Sid = local.late, Principal = "*" }),
  ] }, "AWS::S3::Bucket").result
}
`, map[string]knownvalue.Check{"certain": knownvalue.StringExact("fail")},
		map[string]knownvalue.Check{"unknown": knownvalue.StringExact("pass")})
}

func TestCheckNoPublicAccessFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newCheckNoPublicAccess, map[string]argumentError{
		"identity policy":       {hclTuple{readAll, "AWS::S3::Bucket"}, 0, []string{"Principal"}},
		"type that is not one":  {hclTuple{hclTuple{}, "bucket"}, 1, []string{`"bucket"`}},
		"policy that is broken": {hclTuple{"{", "AWS::S3::Bucket"}, 0, []string{"line 1"}},
	})
}
