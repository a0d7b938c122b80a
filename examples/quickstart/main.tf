# Who may do what, held true while you plan. Run it as it stands with `make demo`, or by hand:
#
#   terraform init
#   terraform apply                        # accepted
#   terraform plan -var too_broad=true     # refused, and it says why

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

locals {
  # The policies of one role, by name: what a build may do.
  build = {
    artifacts = {
      Version = "2012-10-17"
      Statement = [{
        Sid      = "PublishBuilds"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = var.too_broad ? "arn:aws:s3:::*" : "arn:aws:s3:::acme-builds/*"
      }]
    }
    logs = {
      Version = "2012-10-17"
      Statement = [{
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:eu-west-1:111122223333:log-group:build:*"
      }]
    }
  }

  # A request that must never succeed, and what these policies say to it.
  payroll = {
    action   = "s3:GetObject"
    resource = "arn:aws:s3:::acme-payroll/2026-11.csv"
  }
  payroll_answer = provider::iam::simulate({
    identity = local.build
    action   = local.payroll.action
    resource = local.payroll.resource
  })
}

# Stands for the role. Where you have a real one, put the preconditions there.
resource "terraform_data" "build_role" {
  input = { for name, policy in local.build : name => jsonencode(policy) }

  lifecycle {
    # What the build is for keeps working ...
    precondition {
      condition     = provider::iam::allows(local.build, "s3:PutObject", "arn:aws:s3:::acme-builds/app.zip")
      error_message = "The build can no longer publish what it builds."
    }

    # ... and what it must not reach stays out of reach, under whatever conditions.
    precondition {
      condition = !provider::iam::could_allow(local.build, local.payroll.action, local.payroll.resource)
      error_message = join(" ", concat(
        ["The build must never be able to do ${local.payroll.action} on ${local.payroll.resource}."],
        [for s in local.payroll_answer.deciding_statements : "Statement \"${s.sid}\" of policy \"${s.policy}\" allows it."],
      ))
    }
  }
}

output "payroll" {
  description = "The answer to the request that must never succeed."
  value       = "${local.payroll.action} on ${local.payroll.resource}: ${local.payroll_answer.decision}"
}
