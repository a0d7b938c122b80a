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

# A plan that breaks one of these fails, whatever changes it: alice's policies, her groups, a policy's text.
resource "iam_access_assertion" "alice" {
  principal = iam_user.alice.arn

  allow {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::reports/may.csv"]
    message   = "Alice reads the reports."
  }

  deny {
    actions = ["iam:*"]
    message = "Who reads reports does not manage access."
  }

  # What gives the access must be planned before it is checked.
  depends_on = [iam_user_policy_attachment.reports]
}
