# By the name of the group.
terraform import iam_group_policies_exclusive.none developers
