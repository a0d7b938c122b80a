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

# The provider generates the password and encrypts it to alice, who must change it at the first sign-in.
resource "iam_user_login_profile" "alice" {
  user                    = iam_user.alice.name
  password_reset_required = true
  age_recipient           = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
}
