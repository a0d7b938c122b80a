import {
  to = iam_access_key.alice
  identity = {
    id = "AKIAQAAAAAAAEXAMPLE2"
  }
}
