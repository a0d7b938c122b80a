terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "alice" {
  name = "alice"
}

data "iam_users" "all" {
  name_regex = "^a"

  depends_on = [iam_user.alice]
}

output "users" {
  value = data.iam_users.all.names
}
