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

# The provider enables the device for alice and encrypts its seed to her.
resource "iam_virtual_mfa_device" "alice" {
  virtual_mfa_device_name = "alice-phone"
  user                    = iam_user.alice.name
  age_recipient           = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
}
