# An access key that Terraform rotates without downtime. Run Terraform every day. Each run takes the step that is due.

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

resource "iam_access_key_rotation" "app" {
  user    = iam_user.app.name
  max_age = "2160h" # 90 days
  grace   = "72h"
}

# The secret of the current key. Pass it to a write-only argument of a secret store. Derive the version of that argument
# from the key's id, so that Terraform writes the secret again after a rotation.
ephemeral "iam_access_key_secret" "app" {
  access_key_id = iam_access_key_rotation.app.current_access_key_id
}

output "current" {
  value = iam_access_key_rotation.app.current_access_key_id
}

output "last_step" {
  value = iam_access_key_rotation.app.last_step
}
