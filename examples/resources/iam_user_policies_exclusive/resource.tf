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

# No inline policies are allowed. The next apply deletes any that someone adds.
resource "iam_user_policies_exclusive" "none" {
  user_name    = iam_user.alice.name
  policy_names = []
}
