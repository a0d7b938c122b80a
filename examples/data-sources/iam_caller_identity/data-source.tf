terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

data "iam_caller_identity" "this" {}

output "account_id" {
  value = data.iam_caller_identity.this.account_id
}
