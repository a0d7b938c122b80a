# By the names of the group and the policy.
terraform import iam_group_policy.reports developers:read-reports
