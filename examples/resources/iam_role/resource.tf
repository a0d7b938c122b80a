terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# Only the deployer may assume the role, and only with MFA.
resource "iam_user" "deployer" {
  name = "deployer"
}

resource "iam_role" "deploy" {
  name                 = "deploy"
  description          = "Publishes the output of the build."
  max_session_duration = 7200

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = iam_user.deployer.arn }
      Action    = "sts:AssumeRole"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })

  tags = {
    team = "platform"
  }
}
