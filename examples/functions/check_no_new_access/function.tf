terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  # Everything is allowed, except what nobody may get.
  limits = {
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "*", Resource = "*" },
      { Effect = "Deny", Action = ["iam:*", "organizations:*"], Resource = "*" },
      { Effect = "Deny", Action = "s3:Delete*", Resource = "arn:aws:s3:::audit-log/*" },
    ]
  }

  team = {
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Builds"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      Resource = "arn:aws:s3:::acme-builds/*"
    }]
  }

  check = provider::iam::check_no_new_access(local.limits, local.team, "identity")
}

output "team_policy" {
  value = jsonencode(local.team)

  precondition {
    condition     = local.check.result == "pass"
    error_message = local.check.message
  }
}
