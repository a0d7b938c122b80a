import {
  to = iam_user_policies_exclusive.none
  identity = {
    user_name = "alice"
  }
}
