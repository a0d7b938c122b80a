# By the name of the user, whose keys it takes over.
terraform import iam_access_key_rotation.app app
