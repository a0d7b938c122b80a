terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# The permissions boundary limits everything that other policies allow alice.
resource "iam_policy" "boundary" {
  name = "developer-boundary"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "NothingButStorage"
      Effect   = "Allow"
      Action   = ["s3:*"]
      Resource = "*"
    }]
  })
}

resource "iam_user" "alice" {
  name                 = "alice"
  path                 = "/developers/"
  permissions_boundary = iam_policy.boundary.arn

  tags = {
    team = "payments"
  }
}

# Known when Terraform plans: arn:aws:iam::000000000000:user/developers/alice
output "alice" {
  value = iam_user.alice.arn
}
