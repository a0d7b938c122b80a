# The role of a backup job. It may read the source and write backups. It can neither read nor delete backups.

terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_role" "backup" {
  name = "backup"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "iam_role_policy" "backup" {
  role = iam_role.backup.name
  name = "backup"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadSource"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:ListBucket"]
        Resource = ["arn:aws:s3:::acme-data", "arn:aws:s3:::acme-data/*"]
      },
      {
        Sid      = "WriteBackups"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::acme-backups/*"
      },
    ]
  })
}

# The role has no other policies. The next apply removes any that someone adds.
resource "iam_role_policies_exclusive" "backup" {
  role_name    = iam_role.backup.name
  policy_names = [iam_role_policy.backup.name]
}

resource "iam_role_policy_attachments_exclusive" "backup" {
  role_name   = iam_role.backup.name
  policy_arns = []
}

resource "iam_access_assertion" "backup" {
  principal = iam_role.backup.arn

  allow {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::acme-data/customers.db"]
  }

  allow {
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::acme-backups/2026-11-26.tar"]
  }

  deny {
    actions   = ["s3:GetObject*", "s3:Delete*"]
    resources = ["arn:aws:s3:::acme-backups/*"]
    message   = "Stolen credentials of the job must not allow reading or deleting backups."
  }

  deny {
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::acme-data/*"]
    message   = "The backup job must not change its source."
  }
}
