terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

data "iam_groups" "all" {}

output "groups" {
  value = data.iam_groups.all.names
}
