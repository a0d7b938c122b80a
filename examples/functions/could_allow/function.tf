terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

variable "team_policy" {
  description = "The policy that a team requests, as JSON."
  type        = string
  default     = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]
    }
  JSON

  # could_allow also finds statements with conditions, for which allows returns false.
  validation {
    condition     = !provider::iam::could_allow(var.team_policy, ["iam:CreateUser", "iam:AttachUserPolicy"], "arn:aws:iam::123456789012:user/new")
    error_message = "Teams must never administer IAM."
  }
}

output "team_policy" {
  value = var.team_policy
}
