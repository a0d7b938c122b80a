terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "alice" {
  name = "alice"
}

resource "iam_user_policy" "reports" {
  user = iam_user.alice.name
  name = "read-reports"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadReports"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["arn:aws:s3:::reports/*"]
    }]
  })
}

# Because of the local, Terraform reads the data source in the plan, with the planned changes. The local depends on the
# policy.
locals {
  alice = iam_user_policy.reports.id == "" ? "" : iam_user.alice.arn
}

data "iam_principal_policy_simulation" "alice" {
  policy_source_arn = local.alice
  action_names      = ["s3:GetObject", "s3:PutObject"]
  resource_arns     = ["arn:aws:s3:::reports/may.csv"]

  assert {
    expect        = "NeverAllowed"
    action_names  = ["s3:DeleteObject"]
    resource_arns = ["arn:aws:s3:::reports/may.csv"]
    message       = "Nobody may delete reports."
  }
}

output "alice" {
  value = { for r in data.iam_principal_policy_simulation.alice.results : r.action_name => r.reason }
}
