# By the name of the user. The resource takes over the keys of the user.
terraform import iam_access_key_rotation.app app
