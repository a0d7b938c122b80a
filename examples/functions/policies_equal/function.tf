terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  written = {
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:PutObject", "s3:GetObject"], Resource = "arn:aws:s3:::reports/*" },
    ]
  }
  found = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" },
        { "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::reports/*" },
        { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/2026/*" }
      ]
    }
  JSON
}

output "unchanged" { # true
  value = provider::iam::policies_equal(local.written, local.found)
}

output "same_notation" { # false
  value = provider::iam::normalize_policy(local.written) == provider::iam::normalize_policy(local.found)
}
