# A CI runner that publishes images. The runner's user may only assume the role, and the role may only publish.

terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "runner" {
  name = "ci-runner"
}

resource "iam_role" "publish" {
  name                 = "publish"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = iam_user.runner.arn }
      Action    = "sts:AssumeRole"
      Condition = { StringLike = { "sts:RoleSessionName" = "build-*" } }
    }]
  })
}

resource "iam_role_policy" "publish" {
  role = iam_role.publish.name
  name = "publish"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Publish"
      Effect   = "Allow"
      Action   = ["ecr:PutImage", "ecr:UploadLayerPart", "ecr:InitiateLayerUpload", "ecr:CompleteLayerUpload"]
      Resource = "arn:aws:ecr:eu-central-1:000000000000:repository/app"
    }]
  })
}

# The trust policy names the user, so the user needs no identity policy to assume the role.
resource "iam_access_assertion" "runner" {
  principal = iam_user.runner.arn

  # The assertion is about the user itself, not about the role that it may assume.
  through_roles = false

  allow {
    actions   = ["sts:AssumeRole"]
    resources = [iam_role.publish.arn]

    context {
      key    = "sts:RoleSessionName"
      values = ["build-42"]
    }
  }

  deny {
    actions = ["ecr:*", "iam:*"]
    message = "The runner's user may only assume the role."
  }
}

resource "iam_access_assertion" "publish" {
  principal = iam_role.publish.arn

  allow {
    actions   = ["ecr:PutImage"]
    resources = ["arn:aws:ecr:eu-central-1:000000000000:repository/app"]
  }

  deny {
    actions   = ["ecr:*"]
    resources = ["arn:aws:ecr:eu-central-1:000000000000:repository/base"]
  }
}
