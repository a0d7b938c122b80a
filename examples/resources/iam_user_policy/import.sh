# By the name of the user and that of the policy.
terraform import iam_user_policy.reports alice:read-reports
