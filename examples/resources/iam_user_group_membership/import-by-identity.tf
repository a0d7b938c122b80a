import {
  to = iam_user_group_membership.alice
  identity = {
    user   = "alice"
    groups = ["developers"]
  }
}
