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

# The plan fails if it violates one of these blocks, by a change of alice's policies, her groups or a policy document.
resource "iam_access_assertion" "alice" {
  principal = iam_user.alice.arn

  allow {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::reports/may.csv"]
    message   = "Alice must be able to read reports."
  }

  deny {
    actions = ["iam:*"]
    message = "Readers of reports must not manage access."
  }
}
