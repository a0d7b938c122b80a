terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  broad = {
    Version   = "2012-10-17"
    Statement = [{ Sid = "Storage", Effect = "Allow", Action = "s3:*", Resource = "*" }]
  }

  minimal = provider::iam::minimize_policy(local.broad, [
    { action = "s3:ListBucket", resource = "arn:aws:s3:::reports" },
    { action = "s3:GetObject", resource = "arn:aws:s3:::reports/2026.csv" },
  ])
}

output "policy" { # allows both requests and nothing else
  value = local.minimal.policy

  precondition {
    condition     = local.minimal.result == "pass"
    error_message = local.minimal.message
  }
}
