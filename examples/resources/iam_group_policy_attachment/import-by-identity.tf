import {
  to = iam_group_policy_attachment.reports
  identity = {
    group      = "developers"
    policy_arn = "arn:aws:iam::000000000000:policy/read-reports"
  }
}
