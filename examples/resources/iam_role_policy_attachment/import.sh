# By the name of the role and the ARN of the policy, separated by a slash.
terraform import iam_role_policy_attachment.reports deploy/arn:aws:iam::000000000000:policy/read-reports
