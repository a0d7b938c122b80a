terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# NIST SP 800-63B requires a minimum length and no rules about kinds of characters.
resource "iam_account_password_policy" "this" {
  minimum_password_length        = 15
  allow_users_to_change_password = true
}
