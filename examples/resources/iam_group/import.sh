# By its name.
terraform import iam_group.developers developers
