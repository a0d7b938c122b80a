import {
  to = iam_user_policy_attachment.reports
  identity = {
    user       = "alice"
    policy_arn = "arn:aws:iam::000000000000:policy/read-reports"
  }
}
