terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  bucket_policy = {
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Organization"
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::reports/*"
      Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-exampleorgid" } }
    }]
  }

  check = provider::iam::check_no_public_access(local.bucket_policy, "AWS::S3::Bucket")
}

output "bucket_policy" {
  value = jsonencode(local.bucket_policy)

  precondition {
    condition     = local.check.result == "pass"
    error_message = local.check.message
  }
}
