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

# The next apply removes any other user from the group.
resource "iam_group_memberships_exclusive" "developers" {
  group_name = iam_group.developers.name
  users      = [iam_user.alice.name]
  on_destroy = "remove" # else its members stay in the group, and are in the way when it is destroyed
}
