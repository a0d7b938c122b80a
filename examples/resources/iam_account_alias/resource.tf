terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_account_alias" "this" {
  account_alias = "acme-production"
}
