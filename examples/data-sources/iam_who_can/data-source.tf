terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "ana" {
  name = "ana"
}

resource "iam_user_policy" "payroll" {
  user = iam_user.ana.name
  name = "payroll"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "WithMFA"
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::payroll/*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}

# The plan fails if anybody but ana can read the file, with or without assuming roles, in any context.
data "iam_who_can" "read_payroll" {
  action        = "s3:GetObject"
  resource      = "arn:aws:s3:::payroll/2026.csv"
  through_roles = true

  lifecycle {
    postcondition {
      condition     = alltrue([for arn in self.arns : endswith(arn, ":user/ana")])
      error_message = "Only ana may read the payroll: ${join(", ", self.arns)}."
    }
  }
}

output "read_payroll" {
  value = { for p in data.iam_who_can.read_payroll.principals : p.principal => "${p.answer}: ${p.condition}" }
}
