# By the name of the role.
terraform import iam_role_policy_attachments_exclusive.only deploy
