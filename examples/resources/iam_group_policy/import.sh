# By the name of the group and the name of the policy, separated by a colon.
terraform import iam_group_policy.reports developers:read-reports
