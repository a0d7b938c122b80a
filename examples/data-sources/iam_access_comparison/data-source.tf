terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "dev" {
  name = "dev"
}

resource "iam_user_policy" "reports" {
  user = iam_user.dev.name
  name = "reports"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadReports"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::reports/*"
    }]
  })
}

# A plan that lets anybody manage permissions fails.
data "iam_access_comparison" "plan" {
  lifecycle {
    postcondition {
      condition = alltrue(flatten([
        for c in self.changes : [for g in c.gained : g.service != "*" && g.access_level != "Permissions management"]
      ]))
      error_message = "The plan lets somebody manage permissions."
    }
  }
}

# Every plan warns about all access that somebody gains.
check "gained_access" {
  assert {
    condition = length(data.iam_access_comparison.plan.gaining_arns) == 0
    error_message = join("\n", flatten([
      for c in data.iam_access_comparison.plan.changes : [
        for g in c.gained : "${c.principal} gains access to ${g.service}: for example ${g.action} on ${g.resource}"
      ]
    ]))
  }
}
