terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  large = {
    Version = "2012-10-17"
    Statement = [
      for team in range(60) : {
        Sid      = "Team${team}"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
        Resource = "arn:aws:s3:::acme-builds-of-team-${team}/*"
      }
    ]
  }

  parts = provider::iam::split_policy(local.large, "identity")
}

output "policies" { # documents of at most 6144 characters
  value = local.parts.policies

  precondition {
    condition     = local.parts.result == "pass"
    error_message = local.parts.message
  }
}
