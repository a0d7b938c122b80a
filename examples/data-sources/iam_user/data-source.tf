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

data "iam_user" "alice" {
  user_name = iam_user.alice.name
}

output "alice" {
  value = data.iam_user.alice.arn
}
