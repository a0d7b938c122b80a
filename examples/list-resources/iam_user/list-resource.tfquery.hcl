list "iam_user" "all" {
  provider = iam

  config {
    path_prefix = "/team/"
  }
}
