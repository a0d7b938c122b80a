# A team with groups and a permissions boundary. Leads may create users, and the boundary limits everything they allow.

terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

variable "members" {
  description = "The members of the team, each with a list of groups."
  type        = map(list(string))
  default = {
    ana  = ["web-developers", "web-leads"]
    bert = ["web-developers"]
  }
}

# The boundary of every member of the team.
resource "iam_policy" "boundary" {
  name = "web-boundary"
  path = "/web/"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "WebOnly", Effect = "Allow", Action = ["s3:*", "ec2:*", "logs:*"], Resource = "*" },
      { Sid = "OwnAccess", Effect = "Allow", Action = ["iam:ChangePassword", "iam:GetUser"], Resource = "arn:aws:iam::000000000000:user/web/$${aws:username}" },
      {
        Sid       = "WithinTheBoundary"
        Effect    = "Allow"
        Action    = ["iam:CreateUser", "iam:AttachUserPolicy"]
        Resource  = "arn:aws:iam::000000000000:user/web/*"
        Condition = { StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::000000000000:policy/web/web-boundary" } }
      },
    ]
  })
}

resource "iam_group" "team" {
  for_each = toset(["web-developers", "web-leads"])
  name     = each.key
  path     = "/web/"
}

resource "iam_group_policy" "developers" {
  group = iam_group.team["web-developers"].name
  name  = "develop"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Develop", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject", "logs:Get*"], Resource = "*" }]
  })
}

resource "iam_group_policy" "leads" {
  group = iam_group.team["web-leads"].name
  name  = "lead"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Everything", Effect = "Allow", Action = "*", Resource = "*" }]
  })
}

resource "iam_user" "member" {
  for_each             = var.members
  name                 = each.key
  path                 = "/web/"
  permissions_boundary = iam_policy.boundary.arn
}

resource "iam_user_group_membership" "member" {
  for_each = var.members
  user     = iam_user.member[each.key].name
  groups   = [for name in each.value : iam_group.team[name].name]
}

resource "iam_access_assertion" "member" {
  for_each  = var.members
  principal = iam_user.member[each.key].arn

  allow {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::web/index.html"]
  }

  deny {
    actions = ["dynamodb:*", "iam:DeleteUserPermissionsBoundary", "iam:CreatePolicyVersion"]
    message = "The boundary must limit every member, leads included."
  }

  deny {
    actions   = ["iam:AttachUserPolicy"]
    resources = ["arn:aws:iam::000000000000:user/web/x"]
    message   = "Leads must not attach policies to users without the boundary."

    context {
      key    = "iam:PermissionsBoundary"
      values = ["arn:aws:iam::000000000000:policy/other"]
    }
  }
}
