locals {
  t = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  d = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
variable "d" { default = "one" }
variable "path" { default = "/" }

variable "force" { default = false }
resource "iam_role" "x" {
  name                  = "x"
  path                  = var.path
  force_detach_policies = var.force
  assume_role_policy    = local.t
}
resource "iam_role_policy" "i" {
  role   = iam_role.x.name
  name   = "i"
  policy = local.d
}
resource "iam_policy" "p" {
  name   = "p"
  policy = local.d
}
resource "iam_role_policy_attachment" "a" {
  role       = iam_role.x.name
  policy_arn = iam_policy.p.arn
}
output "new" { value = iam_role.x.unique_id }
