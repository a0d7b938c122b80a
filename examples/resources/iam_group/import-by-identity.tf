import {
  to = iam_group.developers
  identity = {
    name = "developers"
  }
}
