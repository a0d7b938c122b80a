# By the name of the user and the name of the policy, separated by a colon.
terraform import iam_user_policy.reports alice:read-reports
