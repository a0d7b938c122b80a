terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "app" {
  name = "app"
}

# Run Terraform on a schedule. After 90 days it creates a new key. It retires the old key when the new one is in use.
resource "iam_access_key_rotation" "app" {
  user          = iam_user.app.name
  max_age       = "2160h"
  grace         = "72h"
  age_recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
}
