import {
  to = iam_role_policies_exclusive.none
  identity = {
    role_name = "deploy"
  }
}
