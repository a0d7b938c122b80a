locals {
  t = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  d = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
variable "d" { default = "one" }
variable "path" { default = "/" }

resource "iam_user" "u" {
  name          = "u"
  force_destroy = true
}
resource "iam_access_key" "k" { user = iam_user.u.name }
resource "iam_user_policy" "i" {
  user   = iam_user.u.id
  name   = "i"
  policy = local.d
}
output "new" { value = [iam_user.u.unique_id, iam_access_key.k.id] }
