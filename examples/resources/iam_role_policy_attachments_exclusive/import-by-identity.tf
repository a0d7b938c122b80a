import {
  to = iam_role_policy_attachments_exclusive.only
  identity = {
    role_name = "deploy"
  }
}
