import {
  to = iam_account_alias.this
  identity = {
    account_alias = "acme-production"
  }
}
