import {
  to = iam_user.alice
  identity = {
    name = "alice"
  }
}
