# By the name of the user.
terraform import iam_user_policy_attachments_exclusive.only alice
