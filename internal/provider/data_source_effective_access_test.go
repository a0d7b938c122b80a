package provider

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

func TestEffectiveAccessDataSource(t *testing.T) {
	a := newTestAccount(t)
	config := func(principal string) string {
		return `
resource "iam_user" "dev" { name = "dev" }
resource "iam_user_policy" "own" {
  user   = iam_user.dev.name
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Sid = "Read", Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::reports/*" },
    { Sid = "Send", Effect = "Allow", Action = "sqs:SendMessage", Resource = "*",
      Condition = { IpAddress = { "aws:SourceIp" = "203.0.113.0/24" } } }] })
}
locals { dev = iam_user.dev.arn }
data "iam_effective_access" "dev" { principal = ` + principal + ` }
output "grants" {
  value = [for g in data.iam_effective_access.dev.grants : join(" | ", compact([g.service, g.access_level,
    join(" ", g.actions), g.all_actions ? "all" : "", g.resource, g.answer, g.condition, join(" ", g.statements)]))]
}
output "unknown" { value = data.iam_effective_access.dev.unknown }
output "account" { value = data.iam_effective_access.dev.account }`
	}
	a.run(
		resource.TestStep{Config: config("local.dev"), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("account", knownvalue.StringExact("planned")),
			statecheck.ExpectKnownOutputValue("unknown", tuple()),
			statecheck.ExpectKnownOutputValue("grants", tuple(
				`s3 | Read | s3:GetObject | arn:aws:s3:::reports/* | yes | `+
					`policy "inline policy own of user dev", statement 0 (Read) at 1:15`,
				`sqs | Write | sqs:SendMessage | * | conditional | aws:SourceIp is in 203.0.113.0/24 | `+
					`policy "inline policy own of user dev", statement 1 (Send) at 1:107`)),
		}},
		resource.TestStep{Config: config(`"nobody"`), ExpectError: regexp.MustCompile(`has no\s+user or\s+role`)},
	)
}
