import {
  to = iam_role_policy_attachment.reports
  identity = {
    role       = "deploy"
    policy_arn = "arn:aws:iam::000000000000:policy/read-reports"
  }
}
