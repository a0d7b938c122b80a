package provider

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// awsPolicyConfig attaches a policy of AWS to a user whose access an assertion restricts.
func awsPolicyConfig(policy, boundary string) string {
	return fmt.Sprintf(`
resource "iam_user" "dev" {
  name                 = "dev"
  permissions_boundary = %s
}
resource "iam_user_policy_attachment" "dev" {
  user       = iam_user.dev.name
  policy_arn = "arn:aws:iam::aws:policy/%s"
}
resource "iam_access_assertion" "dev" {
  principal = iam_user.dev.arn
  allow {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::reports/may.csv"]
  }
  deny {
    actions = ["s3:DeleteBucket"]
  }
  depends_on = [iam_user_policy_attachment.dev]
}`, boundary, policy)
}

// The account does not use the policy yet when the plan attaches it.
func TestAWSPolicies_AssertionDecidedAtPlan(t *testing.T) {
	a := newTestAccount(t)
	readOnly := awsPolicyConfig("ReadOnlyAccess", "null")
	a.run(
		planFails(awsPolicyConfig("AdministratorAccess", "null"),
			`would be violated: s3:DeleteBucket.*by policy "arn:aws:iam::aws:policy/AdministratorAccess"`),
		apply(readOnly),
		unchanged(readOnly),
		planFails(awsPolicyConfig("AdministratorAccess", "null"), `would be violated: s3:DeleteBucket`),
		apply(awsPolicyConfig("AdministratorAccess", `"arn:aws:iam::aws:policy/ReadOnlyAccess"`)),
		unchanged(awsPolicyConfig("AdministratorAccess", `"arn:aws:iam::aws:policy/ReadOnlyAccess"`)),
	)
}

func TestAWSPolicies_DataSourcesAndSimulation(t *testing.T) {
	const config = `
data "iam_policy" "by_name" { name = "ViewOnlyAccess" }
data "iam_policy" "by_arn" { arn = "arn:aws:iam::aws:policy/AdministratorAccess" }
resource "iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "iam_role_policy_attachment" "r" {
  role       = iam_role.r.name
  policy_arn = data.iam_policy.by_name.arn
}
data "iam_principal_policy_simulation" "r" {
  policy_source_arn = iam_role.r.arn
  action_names      = ["s3:ListAllMyBuckets"]
  depends_on        = [iam_role_policy_attachment.r]
}
data "iam_policies" "all" { depends_on = [iam_role_policy_attachment.r] }`
	a := newTestAccount(t)
	a.run(
		// The data sources need an account.
		apply(`resource "iam_user" "first" { name = "first" }`),
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.iam_policy.by_name", tfjsonpath.New("arn"),
					knownvalue.StringExact("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")),
				statecheck.ExpectKnownValue("data.iam_policy.by_arn", tfjsonpath.New("policy"),
					knownvalue.StringRegexp(regexp.MustCompile(`"Action":"\*"`))),
				statecheck.ExpectKnownValue("data.iam_principal_policy_simulation.r", tfjsonpath.New("all_allowed"),
					knownvalue.Bool(true)),
				statecheck.ExpectKnownValue("data.iam_policies.all", tfjsonpath.New("arns"), knownvalue.ListSizeExact(0)),
			},
		},
		unchanged(config),
	)
}
