list "iam_group" "all" {
  provider = iam

  config {
    path_prefix = "/teams/"
  }
}
