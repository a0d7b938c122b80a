import {
  to = iam_group_policies_exclusive.none
  identity = {
    group_name = "developers"
  }
}
