terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

output "readers" { # s3:GetObject and others
  value = provider::iam::expand_actions(["s3:GetObject*", "s3:ListBucket"])
}
