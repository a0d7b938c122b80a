terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

output "account" { # 123456789012
  value = provider::iam::arn_parse("arn:aws:iam::123456789012:role/app").account_id
}
