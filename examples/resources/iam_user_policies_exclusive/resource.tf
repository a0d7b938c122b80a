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

# The user has no inline policies. The next apply deletes any that someone adds.
resource "iam_user_policies_exclusive" "none" {
  user_name    = iam_user.alice.name
  policy_names = []
}
