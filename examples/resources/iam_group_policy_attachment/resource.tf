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

resource "iam_group_policy_attachment" "reports" {
  group      = iam_group.developers.name
  policy_arn = iam_policy.reports.arn
}
