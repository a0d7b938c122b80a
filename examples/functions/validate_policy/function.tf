terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*" }]
    }
  JSON

  errors = [
    for f in provider::iam::validate_policy(local.policy, "identity") :
    "${f.line}:${f.column}: ${f.message}" if f.kind == "ERROR"
  ]
}

output "policy" {
  value = local.policy

  precondition {
    condition     = length(local.errors) == 0
    error_message = join("\n", local.errors)
  }
}
