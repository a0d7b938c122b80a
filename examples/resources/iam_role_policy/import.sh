# By the names of the role and the policy.
terraform import iam_role_policy.reports deploy:read-reports
