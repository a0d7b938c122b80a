list "iam_policy" "all" {
  provider = iam

  config {
    path_prefix = "/finance/"
  }
}
