# By the names of the user and the groups.
terraform import iam_user_group_membership.alice alice/developers
