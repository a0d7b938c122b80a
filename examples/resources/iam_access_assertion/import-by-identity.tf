import {
  to = iam_access_assertion.payroll
  identity = {
    name = "payroll"
  }
}
