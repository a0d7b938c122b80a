# A role, with the access that it needs and the access that it must never have. Run it with `make demo`, or by hand:
#
#   terraform init
#   terraform apply                        # accepted
#   terraform plan -var too_broad=true     # refused, with the reason

terraform {
  required_version = ">= 1.8"

  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

variable "too_broad" {
  description = "Let the build reach for every bucket instead of its own, as someone in a hurry might."
  type        = bool
  default     = false
}

resource "iam_user" "runner" {
  name = "ci-runner"
}

resource "iam_role" "build" {
  name = "build"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = iam_user.runner.arn }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "iam_role_policy" "artifacts" {
  role = iam_role.build.name
  name = "artifacts"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "PublishBuilds"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = var.too_broad ? "arn:aws:s3:::*" : "arn:aws:s3:::acme-builds/*"
    }]
  })
}

# Terraform checks this on the planned account, before it changes anything.
resource "iam_access_assertion" "build" {
  principal = iam_role.build.arn

  # The build can always do its work ...
  allow {
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::acme-builds/app.zip"]
  }

  # ... and it can never read payroll, whatever policies it gets.
  deny {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::acme-payroll/2026-11.csv"]
    message   = "The build never reads payroll."
  }

  depends_on = [iam_role_policy.artifacts]
}

output "role" {
  description = "Known when Terraform plans."
  value       = iam_role.build.arn
}
