import {
  to = iam_policy.reports
  identity = {
    arn = "arn:aws:iam::000000000000:policy/finance/read-reports"
  }
}
