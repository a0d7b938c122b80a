# By the name of the user.
terraform import iam_user_login_profile.alice alice
