terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  developer = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Artifacts"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "arn:aws:s3:::acme-builds/*"
    }]
  })
}

data "iam_custom_policy_simulation" "developer" {
  caller_arn    = "arn:aws:iam::123456789012:user/ana"
  policies_json = [local.developer]
  action_names  = ["s3:GetObject"]
  resource_arns = ["arn:aws:s3:::acme-builds/app.zip"]

  context {
    key    = "aws:SourceIp"
    type   = "ip"
    values = ["203.0.113.7"]
  }

  # The plan fails if the policies violate one of these assertions.
  assert {
    expect        = "Allowed"
    action_names  = ["s3:GetObject", "s3:PutObject"]
    resource_arns = ["arn:aws:s3:::acme-builds/app.zip"]
  }

  assert {
    expect        = "NeverAllowed"
    action_names  = ["s3:GetObject"]
    resource_arns = ["arn:aws:s3:::acme-payroll/2026.csv"]
    message       = "Payroll is for the payroll team only."
  }
}

output "decision" {
  value = data.iam_custom_policy_simulation.developer.results[0].decision
}
