terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  decision = provider::iam::simulate({
    principal = "arn:aws:iam::123456789012:user/ana"
    action    = "s3:GetObject"
    resource  = "arn:aws:s3:::reports/2026.csv"
    context   = { "aws:SourceIp" = "203.0.113.7" }

    identity = {
      reader = {
        Version   = "2012-10-17"
        Statement = [{ Sid = "Read", Effect = "Allow", Action = "s3:Get*", Resource = "arn:aws:s3:::reports/*" }]
      }
    }
    scps = [
      [{ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] }],
    ]
  })
}

output "decision" {
  value = local.decision.decision # Allowed
}

output "because_of" {
  value = [for s in local.decision.deciding_statements : "${s.policy}: ${coalesce(s.sid, s.index)}"]
}

output "why" {
  value = local.decision.reason
}
