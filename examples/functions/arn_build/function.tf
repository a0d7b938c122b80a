terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

output "role" { # arn:aws:iam::123456789012:role/app
  value = provider::iam::arn_build("aws", "iam", "", "123456789012", "role/app")
}
