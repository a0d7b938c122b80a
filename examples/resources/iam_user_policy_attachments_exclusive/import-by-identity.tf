import {
  to = iam_user_policy_attachments_exclusive.only
  identity = {
    user_name = "alice"
  }
}
