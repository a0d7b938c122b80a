# By the ARN of the policy.
terraform import iam_policy.reports arn:aws:iam::000000000000:policy/finance/read-reports
