# Of which an account has one.
terraform import iam_account_password_policy.this iam-account-password-policy
