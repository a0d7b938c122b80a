terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

variable "team_policy" {
  description = "What a team asks for, as JSON."
  type        = string
  default     = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]
    }
  JSON

  # allows would return false for a statement with a condition.
  validation {
    condition     = !provider::iam::could_allow(var.team_policy, ["iam:CreateUser", "iam:AttachUserPolicy"], "arn:aws:iam::123456789012:user/new")
    error_message = "Teams may not administer IAM, under no condition."
  }
}

output "team_policy" {
  value = var.team_policy
}
