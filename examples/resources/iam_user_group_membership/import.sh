# By the name of the user and the names of the groups, separated by slashes.
terraform import iam_user_group_membership.alice alice/developers
