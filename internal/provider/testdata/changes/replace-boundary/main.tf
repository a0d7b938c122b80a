variable "d" { default = "one" }
variable "path" { default = "/" }
variable "other" { default = false }
locals {
  limit = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "iam_policy" "limit" {
  count       = var.other ? 0 : 1
  name        = "limit"
  description = var.d
  path        = var.path
  policy      = local.limit
}
resource "iam_policy" "other" {
  count  = var.other ? 1 : 0
  name   = "other"
  policy = local.limit
}
resource "iam_user" "u" {
  name                 = "u"
  permissions_boundary = one(concat(iam_policy.limit[*].arn, iam_policy.other[*].arn))
}
resource "iam_role" "r" {
  name                 = "r"
  permissions_boundary = one(concat(iam_policy.limit[*].arn, iam_policy.other[*].arn))
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
