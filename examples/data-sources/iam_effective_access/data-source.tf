terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "dev" {
  name = "dev"
}

resource "iam_user_policy" "reports" {
  user = iam_user.dev.name
  name = "reports"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadReports"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"]
      Resource = ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]
    }]
  })
}

# Because of the local, Terraform reads the data source in the plan, with the planned changes.
locals {
  dev = iam_user.dev.arn
}

# The plan fails if the user may change anything.
data "iam_effective_access" "dev" {
  principal = local.dev

  lifecycle {
    postcondition {
      condition     = alltrue([for g in self.grants : contains(["List", "Read"], coalesce(g.access_level, "none"))])
      error_message = "${self.id} may do more than read."
    }
  }
}

output "dev" {
  value = [for g in data.iam_effective_access.dev.grants : "${join(", ", g.actions)} on ${g.resource}: ${g.answer}"]
}
