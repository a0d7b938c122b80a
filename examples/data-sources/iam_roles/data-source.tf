terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

data "iam_roles" "ci" {
  path_prefix = "/ci/"
}

output "roles" {
  value = data.iam_roles.ci.arns
}
