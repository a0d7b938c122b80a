list "iam_role" "all" {
  provider = iam

  config {
    path_prefix = "/ci/"
  }
}
