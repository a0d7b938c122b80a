terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "deployer" {
  name = "deployer"
}

resource "iam_access_key" "deployer" {
  user = iam_user.deployer.name
}

resource "iam_role" "deploy" {
  name = "deploy"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = iam_user.deployer.arn }
      Action    = "sts:AssumeRole"
    }]
  })
}

# The session ends when Terraform has finished.
ephemeral "iam_session_credentials" "deploy" {
  role_arn         = iam_role.deploy.arn
  as_access_key_id = iam_access_key.deployer.id
  session_name     = "publish"
  duration_seconds = 900
}

# Configure another provider with the credentials:
#
#   provider "aws" {
#     access_key = ephemeral.iam_session_credentials.deploy.access_key_id
#     secret_key = ephemeral.iam_session_credentials.deploy.secret_access_key
#     token      = ephemeral.iam_session_credentials.deploy.session_token
#   }
