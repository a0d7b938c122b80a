terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

output "home" {
  value = provider::iam::policy_document([
    {
      sid       = "Home"
      actions   = ["s3:GetObject", "s3:PutObject"]
      resources = ["arn:aws:s3:::acme-home/&{aws:username}/*"]
      conditions = [
        { test = "Bool", variable = "aws:SecureTransport", values = ["true"] },
      ]
    },
    {
      effect    = "Deny"
      actions   = ["s3:DeleteObject"]
      resources = ["*"]
    },
  ])
}
