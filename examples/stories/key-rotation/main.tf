# A key that is rotated without downtime. Run Terraform every day: each run takes the step that is due, if one is.

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

# The secret of the current key, for whoever runs the application: write it to a secret store's write-only argument. With its
# version bound to the key's id, it is written again when there is another key.
ephemeral "iam_access_key_secret" "app" {
  access_key_id = iam_access_key_rotation.app.current_access_key_id
}

output "current" {
  value = iam_access_key_rotation.app.current_access_key_id
}

output "last_step" {
  value = iam_access_key_rotation.app.last_step
}
