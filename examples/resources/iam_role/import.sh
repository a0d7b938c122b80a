# By its name.
terraform import iam_role.deploy deploy
