import {
  to = iam_group_policy_attachments_exclusive.only
  identity = {
    group_name = "developers"
  }
}
