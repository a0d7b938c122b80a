terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "alice" {
  name = "alice"
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
resource "iam_user_policy_attachments_exclusive" "only" {
  user_name   = iam_user.alice.name
  policy_arns = [iam_policy.reports.arn]
  on_destroy  = "remove" # else what it has attached stays, and is in the way when the policy is destroyed
}
