terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_role" "deploy" {
  name = "deploy"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# The role of a session. The ARN of a session does not contain the path of its role.
data "iam_session_context" "build" {
  arn = "arn:aws:sts::000000000000:assumed-role/${iam_role.deploy.name}/build-42"
}

output "role" {
  value = data.iam_session_context.build.issuer_arn
}
