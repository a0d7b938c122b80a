terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "alice" {
  name = "alice"
}

resource "iam_access_key" "alice" {
  user = iam_user.alice.name
}

ephemeral "iam_access_key_secret" "alice" {
  access_key_id = iam_access_key.alice.id
}

# Pass the secret to a write-only argument, such as one of a secret store. This example uses it as a password. Neither
# state nor plan contains it.
resource "iam_user_login_profile" "alice" {
  user                = iam_user.alice.name
  password_wo         = "Aa1!${ephemeral.iam_access_key_secret.alice.secret_access_key}"
  password_wo_version = 1
}
