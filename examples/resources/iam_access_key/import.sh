# By its id.
terraform import iam_access_key.alice AKIAQAAAAAAAEXAMPLE2
