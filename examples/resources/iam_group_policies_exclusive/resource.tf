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

# No inline policies are allowed. The next apply deletes any that someone adds.
resource "iam_group_policies_exclusive" "none" {
  group_name   = iam_group.developers.name
  policy_names = []
}
