# By the name of the user and those of the groups.
terraform import iam_user_group_membership.alice alice/developers
