# The import id is the name of the access assertion.
terraform import iam_access_assertion.payroll payroll
