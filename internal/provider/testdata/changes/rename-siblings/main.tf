variable "who" { default = "ana" }
variable "grp" { default = "dev" }
resource "iam_user" "u" { name = var.who }
resource "iam_user_login_profile" "l" {
  user                = iam_user.u.name
  password_wo         = "correct-Horse-7-battery"
  password_wo_version = 1
}
resource "iam_virtual_mfa_device" "m" {
  virtual_mfa_device_name = "phone"
  user                    = iam_user.u.name
  secret_in_state         = true
}
resource "iam_group" "g" { name = var.grp }
resource "iam_group_policy" "gp" {
  group  = iam_group.g.name
  name   = "x"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "B", Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::a/*" }] })
}
resource "iam_group_memberships_exclusive" "gm" {
  group_name = iam_group.g.name
  users      = [iam_user.u.name]
  on_destroy = "remove"
}
output "same" { value = [iam_user.u.unique_id, iam_group.g.unique_id, nonsensitive(iam_virtual_mfa_device.m.base_32_string_seed)] }
