# By the alias.
terraform import iam_account_alias.this acme-production
