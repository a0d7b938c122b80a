# By the name of the user.
terraform import iam_user_policies_exclusive.none alice
