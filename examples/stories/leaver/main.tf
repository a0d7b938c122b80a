# A person who leaves. Set leaves to true and apply: keys, password and sessions stop working at once. Set gone to true
# when nothing needs the user any more: the next apply deletes it.

terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

variable "leaves" {
  description = "Lea leaves: her keys, her password and all her sessions stop working."
  type        = bool
  default     = false
}

variable "gone" {
  description = "Lea is deleted."
  type        = bool
  default     = false
}

resource "iam_user" "lea" {
  count         = var.gone ? 0 : 1
  name          = "lea"
  force_destroy = true # also deletes what she created for herself, such as access keys
}

resource "iam_access_key" "lea" {
  count  = var.gone ? 0 : 1
  user   = iam_user.lea[0].name
  status = var.leaves ? "Inactive" : "Active"
}

resource "iam_user_policy" "work" {
  count = var.leaves ? 0 : 1
  user  = iam_user.lea[0].name
  name  = "work"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Work", Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}

# This policy denies everything, even if someone attaches other policies.
resource "iam_user_policy" "nothing" {
  count = var.leaves && !var.gone ? 1 : 0
  user  = iam_user.lea[0].name
  name  = "nothing"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Left", Effect = "Deny", Action = "*", Resource = "*" }]
  })
}

resource "iam_session_revocation" "lea" {
  count = var.leaves && !var.gone ? 1 : 0
  user  = iam_user.lea[0].name
}

resource "iam_access_assertion" "lea" {
  count     = var.leaves && !var.gone ? 1 : 0
  principal = iam_user.lea[0].arn

  deny {
    actions = ["*"]
    message = "A user who has left must have no access."
  }
}
