terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# Length instead of rules about characters, as NIST SP 800-63B asks for.
resource "iam_account_password_policy" "this" {
  minimum_password_length        = 15
  allow_users_to_change_password = true
}
