import {
  to = iam_group_memberships_exclusive.developers
  identity = {
    group_name = "developers"
  }
}
