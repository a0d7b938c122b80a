import {
  to = iam_role.deploy
  identity = {
    name = "deploy"
  }
}
