# By the id of the access key.
terraform import iam_access_key.alice AKIAQAAAAAAAEXAMPLE2
