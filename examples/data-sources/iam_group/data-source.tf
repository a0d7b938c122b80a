terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_group" "developers" {
  name = "developers"
}

data "iam_group" "developers" {
  group_name = iam_group.developers.name
}

output "members" {
  value = data.iam_group.developers.users[*].user_name
}
