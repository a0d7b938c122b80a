# An account has only one password policy.
terraform import iam_account_password_policy.this iam-account-password-policy
