# A role, its policy, and an assertion about its access. Run this configuration with `make demo`, or by hand:
#
#   terraform init
#   terraform apply                        # succeeds
#   terraform plan -var too_broad=true     # fails, and the error names the statement

terraform {
  required_version = ">= 1.8"

  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

variable "too_broad" {
  description = "Let the build read and write every bucket, to see the plan fail."
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

# The provider checks the assertion while it plans, on the account with the planned changes. The account stores the
# assertion, and refuses every change that violates its deny block.
resource "iam_access_assertion" "build" {
  name      = "build-payroll"
  principal = iam_role.build.arn

  # The build must be able to publish.
  allow {
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::acme-builds/app.zip"]
  }

  # No policy may give the build access to payroll.
  deny {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::acme-payroll/2026-11.csv"]
    message   = "The build never reads payroll."
  }
}

output "role" {
  description = "The ARN of the role, which is known when Terraform plans."
  value       = iam_role.build.arn
}
