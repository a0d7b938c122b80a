terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "ben" {
  name = "ben"
}

resource "iam_user_policy" "helpdesk" {
  user = iam_user.ben.name
  name = "helpdesk"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "OwnKeysOnly"
      Effect   = "Allow"
      Action   = ["iam:CreateAccessKey", "iam:DeleteAccessKey"]
      Resource = "arn:aws:iam::*:user/$${aws:username}"
    }]
  })
}

# The plan fails if anybody could make themselves administrator.
data "iam_escalation_paths" "all" {
  lifecycle {
    postcondition {
      condition     = length(self.arns) == 0 && length(self.unknown) == 0
      error_message = "These could become administrator: ${join(", ", self.arns)}. Undecided: ${join("; ", self.unknown)}."
    }
  }
}

# Because of the local, Terraform reads the data source in the plan, with the planned changes.
locals {
  ben = iam_user.ben.name
}

# How anybody could act as ben.
data "iam_escalation_paths" "ben" {
  to_principal = local.ben
}

output "acts_as_ben" {
  value = [for path in data.iam_escalation_paths.ben.paths : "${path.principal}: ${join(", then ", path.steps[*].result)}"]
}
