# By the name of the group.
terraform import iam_group_memberships_exclusive.developers developers
