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

resource "iam_user_policy_attachment" "reports" {
  user       = iam_user.alice.name
  policy_arn = iam_policy.reports.arn
}
