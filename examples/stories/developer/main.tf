# A developer with least privilege. She may start the machines of her team and upload code. She can neither read the
# payroll database nor change permissions. A later change that violates one of the assertions fails the plan.

terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  machines = "arn:aws:ec2:eu-central-1:000000000000:instance/*"
  code     = "arn:aws:s3:::acme-code"
  payroll  = "arn:aws:dynamodb:eu-central-1:000000000000:table/payroll"
}

resource "iam_user" "dana" {
  name = "dana"
  path = "/developers/"
  tags = { team = "web" }
}

resource "iam_policy" "develop" {
  name = "develop"
  path = "/developers/"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "StartOwnMachines"
        Effect    = "Allow"
        Action    = ["ec2:StartInstances", "ec2:StopInstances"]
        Resource  = local.machines
        Condition = { StringEquals = { "aws:ResourceTag/team" = "$${aws:PrincipalTag/team}" } }
      },
      {
        Sid      = "UploadCode"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:GetObject"]
        Resource = "${local.code}/*"
      },
    ]
  })
}

resource "iam_user_policy_attachment" "dana" {
  user       = iam_user.dana.name
  policy_arn = iam_policy.develop.arn
}

resource "iam_access_assertion" "dana" {
  principal = iam_user.dana.arn

  allow {
    actions   = ["ec2:StartInstances"]
    resources = ["arn:aws:ec2:eu-central-1:000000000000:instance/i-0web"]
    message   = "Developers must be able to start the machines of their team."

    context {
      key    = "aws:ResourceTag/team"
      values = ["web"]
    }
  }

  allow {
    actions   = ["s3:PutObject"]
    resources = ["${local.code}/app.zip"]
    message   = "Developers must be able to upload code."
  }

  deny {
    actions   = ["ec2:StartInstances"]
    resources = [local.machines]
    message   = "Developers must not start machines of other teams."

    context {
      key    = "aws:ResourceTag/team"
      values = ["payroll"]
    }
  }

  deny {
    actions   = ["dynamodb:*"]
    resources = [local.payroll]
    message   = "Only the payroll team may use the payroll table."
  }

  deny {
    actions = ["iam:*", "sts:AssumeRole"]
    message = "Developers must not change permissions."
  }
}
