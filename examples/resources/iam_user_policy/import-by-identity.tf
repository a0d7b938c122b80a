import {
  to = iam_user_policy.reports
  identity = {
    user = "alice"
    name = "read-reports"
  }
}
