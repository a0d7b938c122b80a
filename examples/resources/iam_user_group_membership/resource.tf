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

resource "iam_group" "developers" {
  name = "developers"
}

# Other memberships of alice do not change.
resource "iam_user_group_membership" "alice" {
  user   = iam_user.alice.name
  groups = [iam_group.developers.name]
}
