import {
  to = iam_role_policy.reports
  identity = {
    role = "deploy"
    name = "read-reports"
  }
}
