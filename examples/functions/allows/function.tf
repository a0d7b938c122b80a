terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  deploy = {
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "arn:aws:s3:::acme-builds/*"
      Condition = {
        Bool = { "aws:SecureTransport" = true }
      }
    }]
  }
}

# In place of the role that has the policy.
resource "terraform_data" "deploy_role" {
  input = jsonencode(local.deploy)

  lifecycle {
    precondition {
      condition = provider::iam::allows(
        local.deploy, ["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::acme-builds/app.zip",
        { "aws:SecureTransport" = true },
      )
      error_message = "Deployments must be able to read and write builds."
    }
  }
}

output "without_tls" { # false: the key is absent, so the condition is not met
  value = provider::iam::allows(local.deploy, "s3:GetObject", "arn:aws:s3:::acme-builds/app.zip")
}
