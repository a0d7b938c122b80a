terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

data "iam_account" "this" {}

output "account" {
  value = "${data.iam_account.this.account_id} in ${data.iam_account.this.store_path}"
}
