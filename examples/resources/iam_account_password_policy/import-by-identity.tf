import {
  to       = iam_account_password_policy.this
  identity = {}
}
