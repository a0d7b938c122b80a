terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

output "canonical" {
  value = provider::iam::normalize_policy({
    Version   = "2012-10-17"
    Statement = { Effect = "Allow", Action = ["s3:PutObject", "s3:GetObject"], Resource = "*" }
  })
}
