# By the name of the role.
terraform import iam_role.deploy deploy
