terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  deploy = {
    Version = "2012-10-17"
    Statement = [
      { Sid = "Builds", Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::acme-builds/*" },
      {
        Sid       = "Pass"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = "arn:aws:iam::123456789012:role/app"
        Condition = { StringEquals = { "iam:PassedToService" = "ec2.amazonaws.com" } }
      },
    ]
  }

  users = provider::iam::check_access_not_granted(local.deploy, { actions = "iam:*User" }, "identity")
  roles = provider::iam::check_access_not_granted(local.deploy, [{ actions = "iam:PassRole" }], "identity")
}

output "users" { # pass
  value = local.users.result
}

output "roles" { # fail: the policy grants iam:PassRole, with a condition
  value = local.roles.result
}

output "because_of" {
  value = [for s in local.roles.reasons : "statement ${s.index} (${coalesce(s.sid, "without Sid")})"]
}

# The witness is a request in the form of the function simulate.
output "confirmed" {
  value = provider::iam::simulate(merge(local.roles.witness, { identity = local.deploy })).decision
}
