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

# Alice's memberships in other groups remain.
resource "iam_user_group_membership" "alice" {
  user   = iam_user.alice.name
  groups = [iam_group.developers.name]
}
