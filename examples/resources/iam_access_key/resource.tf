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

# Only the owner of the age identity can decrypt the secret:
#
#   terraform output -raw sealed | age --decrypt --identity key.txt
resource "iam_access_key" "alice" {
  user          = iam_user.alice.name
  age_recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
}

output "sealed" {
  value = iam_access_key.alice.encrypted_secret
}
