# By the names of the user and the policy.
terraform import iam_user_policy.reports alice:read-reports
