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

# It has no inline policies, and whatever somebody puts there is deleted by the next apply.
resource "iam_user_policies_exclusive" "none" {
  user_name    = iam_user.alice.name
  policy_names = []
}
