# By the name of the group and that of the policy.
terraform import iam_group_policy.reports developers:read-reports
