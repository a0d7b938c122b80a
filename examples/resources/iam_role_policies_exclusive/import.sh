# By the name of the role.
terraform import iam_role_policies_exclusive.none deploy
