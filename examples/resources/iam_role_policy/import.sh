# By the name of the role and that of the policy.
terraform import iam_role_policy.reports deploy:read-reports
