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

# A plan that violates one of these fails. The cause may be a change of alice's policies, of her groups or of a policy.
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

  # Terraform must plan the resources that give the access before it checks the assertion.
  depends_on = [iam_user_policy_attachment.reports]
}
