variable "who" { default = "build-bot" }
variable "home" { default = "/" }
resource "iam_user" "u" {
  name = var.who
  path = var.home
}
resource "iam_access_key" "k" { user = iam_user.u.name }
resource "iam_policy" "p" {
  name   = "p1"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::a/*" }] })
}
resource "iam_user_policy" "i" {
  user   = iam_user.u.name
  name   = "inline"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "B", Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::a/*" }] })
}
resource "iam_user_policy_attachment" "a" {
  user       = iam_user.u.name
  policy_arn = iam_policy.p.arn
}
resource "iam_group" "g" { name = "g1" }
resource "iam_user_group_membership" "m" {
  user   = iam_user.u.name
  groups = [iam_group.g.name]
}
resource "iam_role" "r" {
  name               = "r1"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = iam_user.u.arn }, Action = "sts:AssumeRole" }] })
}
output "same" { value = [iam_user.u.unique_id, iam_access_key.k.id, iam_role.r.unique_id] }
