terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

data "iam_policies" "all" {}

output "policies" {
  value = data.iam_policies.all.arns
}
