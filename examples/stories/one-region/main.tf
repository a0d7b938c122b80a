# Operators may use machines in one region only, even if other policies allow more.

terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_group" "operators" {
  name = "operators"
}

resource "iam_user" "olga" {
  name = "olga"
}

resource "iam_group_memberships_exclusive" "operators" {
  group_name = iam_group.operators.name
  users      = [iam_user.olga.name]
  on_destroy = "remove"
}

resource "iam_group_policy" "machines" {
  group = iam_group.operators.name
  name  = "machines"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Machines", Effect = "Allow", Action = "ec2:*", Resource = "*" },
      {
        Sid       = "OneRegionOnly"
        Effect    = "Deny"
        Action    = "ec2:*"
        Resource  = "*"
        Condition = { StringNotEquals = { "aws:RequestedRegion" = "eu-central-1" } }
      },
    ]
  })
}

resource "iam_access_assertion" "olga" {
  principal = iam_user.olga.arn

  allow {
    actions   = ["ec2:RunInstances"]
    resources = ["arn:aws:ec2:eu-central-1:000000000000:instance/*"]

    context {
      key    = "aws:RequestedRegion"
      values = ["eu-central-1"]
    }
  }

  deny {
    actions = ["ec2:*"]
    message = "Operators must use one region only."

    context {
      key    = "aws:RequestedRegion"
      values = ["us-east-1"]
    }
  }
}
