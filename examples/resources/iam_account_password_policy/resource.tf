terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# Require length instead of kinds of characters, as NIST SP 800-63B recommends.
resource "iam_account_password_policy" "this" {
  minimum_password_length        = 15
  allow_users_to_change_password = true
}
