# An account has one password policy, with a fixed id.
terraform import iam_account_password_policy.this iam-account-password-policy
