# By the name of the user and the ARN of the policy, separated by a slash.
terraform import iam_user_policy_attachment.reports alice/arn:aws:iam::000000000000:policy/read-reports
