# By its name.
terraform import iam_user.alice alice
