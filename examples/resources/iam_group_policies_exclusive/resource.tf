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

# The group has no inline policies. The next apply deletes any that someone adds.
resource "iam_group_policies_exclusive" "none" {
  group_name   = iam_group.developers.name
  policy_names = []
}
