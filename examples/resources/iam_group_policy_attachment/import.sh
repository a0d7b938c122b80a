# By the name of the group and the ARN of the policy, separated by a slash.
terraform import iam_group_policy_attachment.reports developers/arn:aws:iam::000000000000:policy/read-reports
