variable "split" { default = false }
resource "iam_user" "u" { name = "u" }
resource "iam_group" "g" {
  for_each = toset(["a", "b"])
  name     = each.key
}
resource "iam_user_group_membership" "all" {
  count      = var.split ? 0 : 1
  user       = iam_user.u.name
  groups     = ["a", "b"]
  depends_on = [iam_group.g]
}
resource "iam_user_group_membership" "each" {
  for_each = var.split ? iam_group.g : {}
  user     = iam_user.u.name
  groups   = [each.value.name]
}
