import {
  to = iam_access_key_rotation.app
  identity = {
    user = "app"
  }
}
