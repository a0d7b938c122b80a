terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  written = { Version = "2012-10-17", Statement = { Effect = "Allow", Action = ["s3:PutObject", "s3:GetObject"], Resource = "*" } }
  found   = "{\"Statement\":[{\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Effect\":\"Allow\",\"Resource\":[\"*\"]}],\"Version\":\"2012-10-17\"}"
}

output "unchanged" { # true
  value = provider::iam::policies_equal(local.written, local.found)
}
