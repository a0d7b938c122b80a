# By the name of the user.
terraform import iam_user.alice alice
