variable "d" { default = "one" }
variable "path" { default = "/" }
locals { t = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] }) }
resource "iam_policy" "p" {
  name        = "p"
  description = var.d
  path        = var.path
  lifecycle { create_before_destroy = true }
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
resource "iam_role" "r" {
  name               = "r"
  assume_role_policy = local.t
}
resource "iam_role_policy_attachment" "a" {
  role       = iam_role.r.name
  policy_arn = iam_policy.p.arn
}
