import {
  to = iam_group_policy.reports
  identity = {
    group = "developers"
    name  = "read-reports"
  }
}
