# By the name of the role and the name of the policy, separated by a colon.
terraform import iam_role_policy.reports deploy:read-reports
