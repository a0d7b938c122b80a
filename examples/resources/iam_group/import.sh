# By the name of the group.
terraform import iam_group.developers developers
