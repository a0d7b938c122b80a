terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_group" "developers" {
  name = "developers"
}

resource "iam_policy" "reports" {
  name = "read-reports"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadReports"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["arn:aws:s3:::reports/*"]
    }]
  })
}

# The next apply detaches any other policy.
resource "iam_group_policy_attachments_exclusive" "only" {
  group_name  = iam_group.developers.name
  policy_arns = [iam_policy.reports.arn]
  on_destroy  = "remove" # else what it has attached stays, and is in the way when the policy is destroyed
}
