# A person who moves to another team. Set team to "data" and plan: one plan removes the old access and gives the new
# one. It fails if any access of the old team would remain.

terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

variable "team" {
  description = "The team of milo: web or data."
  type        = string
  default     = "web"
}

resource "iam_group" "team" {
  for_each = toset(["web", "data"])
  name     = each.key
}

resource "iam_group_policy" "team" {
  for_each = iam_group.team
  group    = each.value.name
  name     = "work"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Work", Effect = "Allow", Action = "s3:*", Resource = ["arn:aws:s3:::acme-${each.key}", "arn:aws:s3:::acme-${each.key}/*"] }]
  })
}

resource "iam_user" "milo" {
  name = "milo"
  path = "/${var.team}/"
  tags = { team = var.team }
}

resource "iam_user_group_membership" "milo" {
  user   = iam_user.milo.name
  groups = [iam_group.team[var.team].name]
}

# The user has no policies besides those of his groups.
resource "iam_user_policy_attachments_exclusive" "milo" {
  user_name   = iam_user.milo.name
  policy_arns = []
}

resource "iam_access_assertion" "milo" {
  principal = iam_user.milo.name

  allow {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::acme-${var.team}/plan.md"]
  }

  dynamic "deny" {
    for_each = setsubtract(["web", "data"], [var.team])

    content {
      actions   = ["s3:*"]
      resources = ["arn:aws:s3:::acme-${deny.value}/*"]
      message   = "A user must have no access to the data of another team."
    }
  }
}
