# By the name of the user. The resource then manages the user's access keys.
terraform import iam_access_key_rotation.app app
