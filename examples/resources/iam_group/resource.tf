terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_group" "developers" {
  name = "developers"
  path = "/teams/"
}
