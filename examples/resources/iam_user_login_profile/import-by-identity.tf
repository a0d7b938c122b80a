import {
  to = iam_user_login_profile.alice
  identity = {
    user = "alice"
  }
}
