terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

data "iam_policy_document" "base" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::acme-home/&{aws:username}/*"]
  }
}

data "iam_policy_document" "developer" {
  kind                    = "identity"
  source_policy_documents = [data.iam_policy_document.base.json]

  statement {
    sid       = "OnlyWithTLS"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

output "policy" {
  value = data.iam_policy_document.developer.json
}
