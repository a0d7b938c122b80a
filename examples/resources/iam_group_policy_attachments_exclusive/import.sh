# By the name of the group.
terraform import iam_group_policy_attachments_exclusive.only developers
