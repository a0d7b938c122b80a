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

# It has no inline policies, and whatever somebody puts there is deleted by the next apply.
resource "iam_group_policies_exclusive" "none" {
  group_name   = iam_group.developers.name
  policy_names = []
}
